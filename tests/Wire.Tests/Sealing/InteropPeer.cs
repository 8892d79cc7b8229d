using System.Diagnostics;
using System.Text.Json.Nodes;
using Passthrough.Wire.Tests.Support;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>The other side of the wire: tests/Wire.Tests/interop/peer.mjs, run by node on an HPKE implementation by other
/// people, which the script beside it installs.</summary>
public sealed class InteropPeer : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private Process _node = null!;

    public async Task InitializeAsync()
    {
        var folder = Path.Combine(WirePage.Root, "tests", "Wire.Tests", "interop");
        var packages = Path.Combine(WirePage.Root, "artifacts", "interop");
        using (var install = Start(Path.Combine(folder, "install"), packages))
        {
            // Only the last line is of use, and only if it fails.
            var output = install.StandardOutput.ReadToEndAsync();
            var errors = install.StandardError.ReadToEndAsync();
            await install.WaitForExitAsync().WaitAsync(Deadline);
            Assert.True(install.ExitCode == 0, $"tests/Wire.Tests/interop/install failed: {await errors}{await output}");
        }

        _node = Start("node", Path.Combine(folder, "peer.mjs"), packages);
    }

    /// <summary>One request, one reply; for one test at a time.</summary>
    public async Task<JsonNode> AskAsync(string command, JsonObject request)
    {
        request["do"] = command;
        await _node.StandardInput.WriteLineAsync(request.ToJsonString());
        await _node.StandardInput.FlushAsync();
        var line = await _node.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        return JsonNode.Parse(line ?? throw new InvalidOperationException("the peer ended"))!;
    }

    public async Task DisposeAsync()
    {
        _node.StandardInput.Close();
        await _node.WaitForExitAsync().WaitAsync(Deadline);
        _node.Dispose();
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = program != "node",
        })!;
}
