using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Operator;

/// <summary>The local socket that <c>pbm</c> talks to. Who may use it is what its file permissions say: the agent's own user, and
/// root. Nothing listens on a network.</summary>
/// <param name="service">Asked for at the start, not before: the actor system begins with who first asks for it.</param>
/// <param name="path">Absolute, at most 107 bytes.</param>
internal sealed class OperatorSocket(Func<OperatorService> service, string path, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxRequestBytes = 16 * 1024;

    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }

        // A socket that a killed process left behind; one that is in use would have stopped the start at the cluster's port.
        File.Delete(path);
        _app = Build();
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

    private WebApplication Build()
    {
        // Empty: no configuration from files or environment, no address but the socket's, no handling of signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, OwnedByTheHost>();
        builder.Services.AddSingleton(service());
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxRequestBytes);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<OperatorService>();
        return app;
    }

    /// <summary>Signals are the agent's host's: it stops this one in its turn.</summary>
    private sealed class OwnedByTheHost : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
