using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.Monitoring;

/// <summary>A collector on loopback, whose messages other people define: tests/Wire.Tests/interop/collector.mjs, run by node.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5);

    private readonly Process _node;
    private readonly ConcurrentQueue<string> _exports = [];
    private readonly Task _reading;

    private OtlpCollector(Process node, Uri address)
    {
        (_node, Address) = (node, address);
        _reading = ReadAsync();
    }

    public Uri Address { get; }

    /// <summary>All that came, as it came: one JSON object a line.</summary>
    public string Text => string.Join('\n', _exports);

    /// <summary>Of all exports of one kind.</summary>
    /// <param name="kind">traces or metrics.</param>
    public IReadOnlyList<JsonNode> Of(string kind) => [.. _exports.Select(line => JsonNode.Parse(line)![kind]).OfType<JsonNode>()];

    public static async Task<OtlpCollector> StartAsync()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "tests", "Wire.Tests", "interop");
        var packages = Path.Combine(RepositoryRoot.Path, "artifacts", "interop");
        using (var install = Start(Path.Combine(folder, "install"), packages))
        {
            var output = install.StandardOutput.ReadToEndAsync();
            await install.WaitForExitAsync().WaitAsync(InstallTime);
            Assert.True(install.ExitCode == 0, $"tests/Wire.Tests/interop/install failed: {await output}");
        }

        var node = Start("node", Path.Combine(folder, "collector.mjs"), packages);
        return new OtlpCollector(node, new Uri($"http://127.0.0.1:{await node.StandardOutput.ReadLineAsync().InTimeAsync()}"));
    }

    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close();
        await _node.WaitForExitAsync().InTimeAsync();
        await _reading;
        _node.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _node.StandardOutput.ReadLineAsync() is { } line)
        {
            _exports.Enqueue(line);
        }
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
