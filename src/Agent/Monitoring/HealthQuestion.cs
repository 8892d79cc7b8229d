using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Monitoring;

/// <summary>Asks the program that runs on this machine how it is, for the command <c>health</c>.</summary>
internal static class HealthQuestion
{
    /// <summary>Under the ten seconds that monitoring systems give their checks; over the five that a part may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <param name="program">As its command is called.</param>
    public static async Task<HealthAnswer> AskAsync(MonitoringOptions options, string program, CancellationToken cancel)
    {
        if (options.EndPoint is not { Port: > 0 } listens)
        {
            return new(program, CheckResult.Unknown(program, $"Monitoring.Listen is {options.Listen}: give it an address and a port that can be asked"));
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
        var address = new Uri($"http://{Reachable(listens)}/health/ready");
        try
        {
            using var reply = await http.GetAsync(address, cancel);
            return HealthReport.Read(await reply.Content.ReadAsStringAsync(cancel)) is { } report && report.Program == program
                ? new(program, CheckResult.Of($"{program} {report.Node}", [.. report.Parts.Select(part => (part.Name, new Finding(part.Status, part.Reason)))]), report)
                : new(program, CheckResult.Unknown(program, $"another program answers at {address}"));
        }
        catch (HttpRequestException fault)
        {
            return new(program, CheckResult.Dead(program, $"it does not answer at {address}: {fault.Message}"));
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(program, CheckResult.Dead(program, $"it has not answered at {address} for {Patience.TotalSeconds:0} s"));
        }
    }

    private static IPEndPoint Reachable(IPEndPoint listens) =>
        listens.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listens.Port)
        : listens.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listens.Port)
        : listens;
}

/// <summary>What the command <c>health</c> prints.</summary>
/// <param name="Report">The endpoint's; null: there is none.</param>
internal sealed record HealthAnswer(string Program, CheckResult Result, HealthReport? Report = null)
{
    /// <param name="isJson">The endpoint's report; without one, why.</param>
    public string ToText(bool isJson) => !isJson ? Result.Line
        : Report is { } report ? Encoding.UTF8.GetString(report.ToJson())
        : new JsonObject { ["status"] = Result.ExitCode == 2 ? "unhealthy" : "unknown", ["program"] = Program, ["reason"] = Result.Line }.ToJsonString();
}
