using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.Monitoring;

/// <summary>A collector on loopback, whose messages other people define: tests/Wire.Tests/interop/collector.mjs, run by node.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5), Patience = TimeSpan.FromMinutes(1);

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

    /// <summary>What belongs to one attempt.</summary>
    public IReadOnlyList<JsonNode> SpansOf(string attempt) =>
    [
        .. Of("traces").SelectMany(each => Nodes(each, "resourceSpans")).SelectMany(each => Nodes(each, "scopeSpans"))
            .SelectMany(each => Nodes(each, "spans")).Where(span => (string?)span["traceId"] == attempt),
    ];

    /// <summary>The values of a label of a metric as it was told last; none: it was not.</summary>
    public IReadOnlyList<string?> LabelsOf(string metric, string label) =>
        Of("metrics").SelectMany(each => Nodes(each, "resourceMetrics"))
            .SelectMany(each => Nodes(each, "scopeMetrics")).SelectMany(each => Nodes(each, "metrics"))
            .LastOrDefault(each => (string?)each["name"] == metric) is { } told
            ? [.. Nodes(told["sum"]!, "dataPoints").Select(point => Attribute(point, label))]
            : [];

    /// <summary>The programs that told something, each once.</summary>
    public IEnumerable<string?> Programs =>
        Of("traces").SelectMany(each => Nodes(each, "resourceSpans")).Concat(Of("metrics").SelectMany(each => Nodes(each, "resourceMetrics")))
            .Select(each => Attribute(each["resource"]!, "service.name")).Distinct().Order();

    public static string? Attribute(JsonNode of, string key) =>
        (string?)Nodes(of, "attributes").Single(each => (string?)each["key"] == key)["value"]!["stringValue"];

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
        return new OtlpCollector(node, new Uri($"http://127.0.0.1:{await node.StandardOutput.ReadLineAsync().WaitAsync(Patience)}"));
    }

    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close();
        await _node.WaitForExitAsync().WaitAsync(Patience);
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

    private static IEnumerable<JsonNode> Nodes(JsonNode parent, string name) => parent[name]?.AsArray().OfType<JsonNode>() ?? [];

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
