using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>One history on a running cluster: callers, faults, and what was seen of both.</summary>
/// <param name="seed">Of who asks when.</param>
/// <param name="firstAccount">Its accounts are its own.</param>
internal sealed class HistoryRun(FaultCluster cluster, JournalRecord journal, int seed, int firstAccount)
{
    /// <summary>The gateway's own (8 s), and what a machine that is busy with tests may add.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8 + 8);

    /// <summary>From a packet that was lost until a node's process has ended.</summary>
    private static readonly TimeSpan Decision = TimeSpan.FromSeconds(60);

    /// <summary>A journal is missed this long before an agent says so.</summary>
    private static readonly TimeSpan JournalPatience = TimeSpan.FromSeconds(4);

    private readonly Callers _callers = new(cluster, seed, firstAccount);
    private readonly SemaphoreSlim[] _targets = [.. Enumerable.Range(0, FaultPlan.Agents + 2).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly List<Span> _stops = [];
    private ImmutableArray<Stored> _stored = [];
    private DateTimeOffset _began;

    public async Task<HistoryResult> RunAsync(IReadOnlyCollection<Fault> faults, TimeSpan length)
    {
        await _callers.WarmUpAsync();
        _ = journal.Read();
        _began = Now;
        var callers = _callers.RunAsync(length);
        await Task.WhenAll(faults.Select(MakeAsync));
        var whole = await cluster.WholeAsync();
        await callers;
        var notRecovered = await _callers.AfterwardsAsync();
        var history = Collect();
        return new HistoryResult(
            history, _began, [.. HistoryChecker.Violations(history), .. notRecovered], whole,
            cluster.Nodes.SelectMany(node => node.Ends).Count(end => end.At >= _began && end.IsByItself));
    }

    /// <summary>All that was seen since it began.</summary>
    public History Collect()
    {
        _stored = _stored.AddRange(journal.Read());
        var said = cluster.Nodes.SelectMany(node => node.Outages(_began)).Select(outage => outage with { From = outage.From - JournalPatience });
        return new History
        {
            Budget = FaultCluster.Budget,
            Deadline = Deadline,
            Requests = [.. _callers.Asked],
            Answers = [.. _callers.Answers],
            Binds = Binds(),
            Stored = _stored,
            Cleared = [.. journal.Cleared],
            Counted = journal.Counted(),
            Outages = [.. _stops, .. said],
            Losses = [.. cluster.Nodes.SelectMany(node => node.Ends).Where(end => end.At >= _began).Select(end => new Span(
                end.IsByItself ? Max(_began, end.At - Decision) : end.At, end.At))],
        };
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>On a slow machine a switch may take longer than planned: the next one of the same target waits for it.</summary>
    private async Task MakeAsync(Fault fault)
    {
        await Task.Delay(fault.From);
        await _targets[fault.Target].WaitAsync();
        var from = Now;
        await using (await cluster.MakeAsync(fault.Kind, fault.Agent))
        {
            await Task.Delay(fault.Duration);
        }

        _targets[fault.Target].Release();
        if (fault.IsOfJournal)
        {
            lock (_stops)
            {
                _stops.Add(new Span(from, Now));
            }
        }
    }

    /// <summary>A right password does not tell its request: it is one of its account's that had been asked, the last.</summary>
    private ImmutableArray<Bind> Binds()
    {
        var right = _callers.Asked.Where(request => request.IsRight).ToLookup(request => request.Account);
        return
        [
            .. from seen in cluster.DirectoryRelay.Binds
               where seen.At >= _began && PeopleDirectory.PersonOf(seen.Name) is not null
               let request = Callers.RequestOf(seen.Password)
                   ?? right[PeopleDirectory.PersonOf(seen.Name)!.Value].LastOrDefault(each => each.Asked <= seen.At)?.Number
               where request is not null
               select new Bind(request.Value, seen.At, seen.Answer?.Result, seen.Answer?.At),
        ];
    }

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <param name="Whole">How long after the last fault's end the cluster was whole again.</param>
/// <param name="Exits">Agents that the others took out of the cluster, or that could not start.</param>
internal sealed record HistoryResult(History History, DateTimeOffset Began, ImmutableArray<string> Violations, TimeSpan Whole, int Exits)
{
    /// <summary>What was asked and answered while the fault lasted.</summary>
    public IEnumerable<Answer> During(Fault fault)
    {
        var asked = History.Requests.ToDictionary(request => request.Number, request => request.Asked);
        return History.Answers.Where(answer => asked[answer.Request] >= Began + fault.From && answer.At <= Began + fault.Until);
    }

    public override string ToString()
    {
        var right = History.Requests.Where(request => request.IsRight).Join(
            History.Answers, request => request.Number, answer => answer.Request, (request, answer) => (answer.Verdict, Took: answer.At - request.Asked)).ToList();
        var later = right.Where(each => each.Verdict != Verdict.Success).GroupBy(each => each.Verdict).Select(of => $"{of.Key} {of.Count()}");
        var signedIn = right.Where(each => each.Verdict == Verdict.Success).Select(each => each.Took.TotalMilliseconds).DefaultIfEmpty().Order().ToList();
        var guesses = History.Answers.Count(answer => answer.Verdict == Verdict.BadPassword);
        return $"{signedIn.Count} of {right.Count} right passwords ({string.Join(", ", later.DefaultIfEmpty("all"))}), half within {signedIn[signedIn.Count / 2]:0} ms, "
            + $"99 % within {signedIn[signedIn.Count * 99 / 100]:0} ms, longest {signedIn[^1]:0} ms; {History.Requests.Length - right.Count} guesses, "
            + $"{guesses} judged; {History.Losses.Length} nodes lost, {Exits} by themselves; whole after {Whole.TotalSeconds:0} s: {Violations.Length} violations";
    }
}
