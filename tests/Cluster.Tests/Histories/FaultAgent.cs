using System.Globalization;
using System.Text.RegularExpressions;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>One agent of a <see cref="FaultCluster"/>, and the times at which its process ended.</summary>
/// <param name="pathOf">A file of the cluster's.</param>
/// <param name="placed">The command in the agent's namespace.</param>
/// <param name="clock">Null: the machine's.</param>
internal sealed partial class FaultAgent(string name, Func<string, string> pathOf, Func<string[], string[]> placed, SteppedClock? clock = null)
    : IAsyncDisposable
{
    private static readonly Dictionary<string, string> NoMore = [];

    private readonly SemaphoreSlim _starting = new(1, 1);
    private ServiceProcess? _process;
    private bool _isKept;

    public string Name => name;

    public string OperatorSocket => pathOf($"{name}.sock");

    /// <summary>Null: it goes by the machine's.</summary>
    public SteppedClock? Clock => clock;

    /// <summary>When its process ended, and whether by itself.</summary>
    public List<(DateTimeOffset At, bool IsByItself)> Ends { get; } = [];

    private Dictionary<string, string> Environment => new() { ["PASSTHROUGH_AGENT_CONFIG"] = pathOf($"{name}.json") };

    public async Task EnrolAsync(string configuration, string gateway, string token)
    {
        await File.WriteAllTextAsync(pathOf($"{name}.json"), configuration);
        await ServiceProcess.RunAsync(
            new Dictionary<string, string>(Environment)
            {
                ["PASSTHROUGH_AGENT_TOKEN"] = token,
                ["PASSTHROUGH_AGENT_GATEWAY"] = gateway,
                ["PASSTHROUGH_AGENT_NAME"] = name,
            },
            AgentNode.Command("enroll"));
    }

    public async Task StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_process is not null)
            {
                await _process.DisposeAsync();
            }

            var environment = clock is null ? Environment : new Dictionary<string, string>([.. Environment, .. clock.Environment]);
            _process = ServiceProcess.Start(pathOf($"{name}.log"), environment, placed(AgentNode.Command("run")));
            _isKept = true;
        }
        finally
        {
            _starting.Release();
        }
    }

    public async Task StartAgainIfEndedAsync()
    {
        if (_isKept && _process!.HasExited)
        {
            _isKept = false;
            Ends.Add((Now, true));
            await StartAsync();
        }
    }

    /// <summary>Stays down until it is started.</summary>
    public async Task KillAsync()
    {
        _isKept = false;
        if (!_process!.HasExited)
        {
            await _process.KillAsync();
        }

        Ends.Add((Now, false));
    }

    public Task PauseAsync() => SignalAsync("-STOP");

    public Task GoOnAsync() => SignalAsync("-CONT");

    /// <summary>When it counted in memory, as it says itself, by the tests' clock; to the end of time if it still does.</summary>
    public IEnumerable<Span> Outages(DateTimeOffset since)
    {
        DateTimeOffset? from = null;
        var at = default(DateTimeOffset);
        foreach (Match line in JournalLines().Matches(_process!.Log()))
        {
            var said = DateTimeOffset.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture);
            at = clock?.MomentOf(said, at) ?? said;
            if (line.Groups[2].Value == "2211")
            {
                from ??= at;
            }
            else if (from is not null)
            {
                if (at >= since)
                {
                    yield return new Span(from.Value, at);
                }

                from = null;
            }
        }

        if (from is not null)
        {
            yield return new Span(from.Value, DateTimeOffset.MaxValue);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isKept = false;
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _starting.Dispose();
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task SignalAsync(string signal)
    {
        if (!_process!.HasExited)
        {
            await ServiceProcess.TryRunAsync(NoMore, "kill", signal, $"{_process.Id}");
        }
    }

    /// <summary>The journal is down, is back, or the agent has started.</summary>
    [GeneratedRegex(@"(?m)^(\S+Z) .*\[(2211|2212|2520)\]")]
    private static partial Regex JournalLines();
}
