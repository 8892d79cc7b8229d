using System.Diagnostics;
using System.Globalization;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Steering;

/// <summary>The other side: libldap (python3-ldap) with its list of servers, in a process of its own.</summary>
internal sealed class OrderedListClient : IAsyncDisposable
{
    private readonly Process _process;
    private readonly IReadOnlyDictionary<string, string> _controllers;
    private readonly Task<string> _output;

    private OrderedListClient(Process process, IReadOnlyDictionary<string, string> controllers) =>
        (_process, _controllers, _output) = (process, controllers, process.StandardOutput.ReadToEndAsync());

    /// <param name="uris">In order.</param>
    /// <param name="controllers">Names of controllers by the address and port that the client sees.</param>
    public static OrderedListClient Start(
        string uris, string ca, string namesFile, double rate, string passwordFile, int connections, IReadOnlyDictionary<string, string> controllers)
    {
        var script = Path.Combine(Repository.Root, "tests", "Benchmarks", "Steering", "ordered-list-client.py");
        var start = new ProcessStartInfo(
            "/usr/bin/python3", [script, uris, ca, namesFile, rate.ToString(CultureInfo.InvariantCulture), passwordFile, $"{connections}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(start) ?? throw new BenchmarkFault("python3 did not start"), controllers);
    }

    /// <summary>Ends it, and tells what it did.</summary>
    public async Task<IReadOnlyList<SignIn>> StopAsync()
    {
        _process.StandardInput.Close();
        var lines = (await _output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 0 ? [.. lines.Select(Read)] : throw new BenchmarkFault(
            "the ordered-list client did nothing; is python3-ldap installed (ops/install-packages bench)?");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private SignIn Read(string line)
    {
        var cells = line.Split(' ');
        var took = long.Parse(cells[1], CultureInfo.InvariantCulture) / 1e6;
        return new SignIn(
            long.Parse(cells[0], CultureInfo.InvariantCulture) / 1e9,
            took,
            cells[2] != "ok" ? cells[2] : took > SteeredClient.Deadline.TotalSeconds ? "too late" : null,
            [.. cells[3].Split(',').Where(address => address != "-").Select(address => _controllers.GetValueOrDefault(address, address))]);
    }
}
