using Xunit.Abstractions;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>What the histories of all clusters have in common: they are run, said, and counted.</summary>
public abstract class FaultHistories(SharedCluster shared, ITestOutputHelper output)
{
    private protected SharedCluster Shared => shared;

    /// <summary>Of what is run again and again with <c>ops/test --long</c>.</summary>
    internal const int Runs = 20;

    /// <summary>A file that gets each line at once.</summary>
    private const string LogVariable = "FAULT_LOG";

    private protected static readonly TimeSpan Minute = TimeSpan.FromSeconds(60), HalfMinute = TimeSpan.FromSeconds(30), Before = TimeSpan.FromSeconds(3),
        After = TimeSpan.FromSeconds(7);

    /// <summary>All of them in full, and not the beginnings of five.</summary>
    private protected static void AssertNone(IEnumerable<string> violations) => Assert.Equal("", string.Join('\n', violations));

    /// <summary>Nobody was told anything else.</summary>
    private protected static void AssertAllSignedIn(HistoryResult result)
    {
        var right = result.History.Requests.Where(request => request.IsRight).Select(request => request.Number).ToHashSet();
        Assert.All(
            result.History.Answers.Where(answer => right.Contains(answer.Request)),
            answer => Assert.Equal(Decisions.Attempts.Verdict.Success, answer.Verdict));
    }

    private protected static async Task TimesAsync(Func<int, Task> run)
    {
        for (var i = 1; i <= Runs; i++)
        {
            await run(i);
        }
    }

    private protected async Task<HistoryResult> RunAsync(int seed, IReadOnlyCollection<Fault> faults, TimeSpan length)
    {
        var cluster = await shared.StartAsync();
        Say($"seed {seed}: {string.Join("; ", faults)}");
        var result = await new HistoryRun(cluster, shared.Journal, seed, shared.TakeAccounts()).RunAsync(faults, length);
        Say($"seed {seed}: {result}");
        foreach (var violation in result.Violations)
        {
            Say($"seed {seed}: {violation}");
        }

        return result;
    }

    private protected void Say(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable(LogVariable) is { Length: > 0 } log)
        {
            var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
            File.AppendAllText(log, $"{TimeProvider.System.GetUtcNow():HH:mm:ss} load {load} {line}\n");
        }
    }
}

/// <summary>One cluster serves all histories of a class one after another.</summary>
public class SharedCluster : IAsyncLifetime
{
    private FaultCluster? _cluster;
    private int _taken;

    internal JournalRecord Journal { get; private set; } = null!;

    /// <summary>How many histories it has people for.</summary>
    protected virtual int Histories => FaultHistoryTests.Many + (5 * FaultHistories.Runs);

    internal async Task<FaultCluster> StartAsync()
    {
        if (_cluster is null)
        {
            _cluster = await MakeAsync(Histories * Callers.Accounts);
            Journal = new JournalRecord(_cluster.Journal);
            Journal.Begin();
        }

        return _cluster;
    }

    internal string NameOf(int agent) => _cluster!.Nodes[agent].Name;

    internal int TakeAccounts() => Callers.Accounts * _taken++;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    private protected virtual Task<FaultCluster> MakeAsync(int people) => FaultCluster.StartAsync(people);
}
