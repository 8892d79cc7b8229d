using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Passthrough.Agent.Operator;

/// <summary>A local socket: <c>pbm</c> talks to one, and a browser to the one beside it, by way of <c>ssh -L</c>. They are two because without
/// TLS a connection cannot say which HTTP it speaks, and because no page can reach a command where none is. Who may use them is what their
/// file permissions say: the agent's own user, and root.</summary>
/// <param name="web">Asked for at the start, not before: the actor system begins with who first asks for it.</param>
/// <param name="path">Absolute, at most 107 bytes.</param>
internal sealed class OperatorSocket(Func<OperatorWeb> web, string path, OperatorDoor door) : IHostedService, IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private WebApplication? _app;

    /// <summary>Where the dashboard's socket is: beside the one of the commands.</summary>
    public static string DashboardBeside(string path) => Path.ChangeExtension(path, "http");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }

        // A socket that a killed process left behind; one that is in use would have stopped the start at the cluster's port.
        File.Delete(path);
        var protocol = door == OperatorDoor.Commands ? HttpProtocols.Http2 : HttpProtocols.Http1;
        _app = web().Build(door, kestrel => kestrel.ListenUnixSocket(path, listen => listen.Protocols = protocol));
        await _app.StartAsync(cancellationToken);
        File.SetUnixFileMode(path, OwnerOnly);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is { } app)
        {
            await app.StopAsync(cancellationToken);
            File.Delete(path);
        }
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}
