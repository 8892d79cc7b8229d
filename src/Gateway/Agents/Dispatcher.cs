using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Agents;

/// <summary>Takes a request to validate one password to an agent of the right forest, and brings back exactly one
/// outcome.</summary>
public sealed class Dispatcher(
    TenantDirectory tenants, AgentRegistry registry, KeptLocks locks, AttemptSender sender, GatewayOptions options, TimeProvider time)
{
    private int _inProgress;

    /// <summary>Requests that have not had their outcome.</summary>
    public int InProgress => Volatile.Read(ref _inProgress);

    /// <summary>Never throws for a failure: there is one outcome by the deadline.</summary>
    /// <param name="password">Not kept; the caller disposes of it afterwards.</param>
    /// <param name="source">Where the person is, as far as the caller knows.</param>
    /// <exception cref="OperationCanceledException">The caller does not want to know any more.</exception>
    public async Task<ValidationOutcome> ValidateAsync(
        string tenant, TypedName name, TypedPassword password, ClientSource source, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var attempt = new AttemptInProgress(name, password, source, options.Agents.VerdictTimeout, time);
        Interlocked.Increment(ref _inProgress);
        try
        {
            // What the name looks like decides, and nothing else is told apart here: the caller shows one refusal for all.
            var outcome = tenants.Now.FindForest(tenant, name) is { } route
                ? await RunAsync(attempt, route, cancel)
                : attempt.Outcome(Verdict.NoRouteForSuffix);
            AgentMeters.Outcomes.Add(1, new KeyValuePair<string, object?>("verdict", outcome.Verdict));
            return outcome;
        }
        finally
        {
            Interlocked.Decrement(ref _inProgress);
        }
    }

    private async Task<ValidationOutcome> RunAsync(AttemptInProgress attempt, TenantRoute route, CancellationToken cancel)
    {
        var left = locks.LeftFor(route, attempt.Name, attempt.Source);
        if (left > TimeSpan.Zero)
        {
            AgentMeters.KeptLocks.Add(1);
            return attempt.Outcome(Verdict.SmartLocked) with { LockedFor = left };
        }

        var pool = registry.PoolOf(route);
        while (true)
        {
            var connection = TryTake(pool, route, attempt, out var why) ?? await WaitAsync(pool, route, attempt, why, cancel);
            if (connection is null)
            {
                return attempt.Outcome(attempt.Otherwise ?? HandOver.WithoutDispatch(why));
            }

            attempt.Record(await sender.SendAsync(attempt, route, pool, connection, cancel));
            var decision = HandOver.Decide(
                attempt.Last.End, attempt.Last.Verdict, attempt.Number, attempt.BrokenStreams, attempt.Left);
            if (!decision.Again)
            {
                Remember(route, attempt);
                return attempt.Outcome(decision.Otherwise);
            }

            attempt.TryElsewhere(connection.Agent.Id, decision);
        }
    }

    /// <summary>What the answer tells of the account's locks.</summary>
    private void Remember(TenantRoute route, AttemptInProgress attempt)
    {
        var account = attempt.Last.Account(route.Forest);
        if (attempt.Last.Verdict == Verdict.SmartLocked && attempt.Last.Lock is { } notice)
        {
            locks.Keep(route, attempt.Name, account, notice, attempt.Begun);
        }
        else if (attempt.Last.Verdict == Verdict.Success && account is not null)
        {
            locks.Forgive(route, account);
        }
    }

    /// <summary>Takes a credit of the agent that is chosen; chooses again if another request took its last in between.</summary>
    private AgentConnection? TryTake(AgentPool pool, TenantRoute route, AttemptInProgress attempt, out NoChoice why)
    {
        AgentConnection? chosen;
        do
        {
            chosen = Choose(pool.Agents, route, attempt, out why);
        }
        while (chosen is not null && !chosen.TryTake());
        return chosen;
    }

    private AgentConnection? Choose(
        ReadOnlySpan<AgentConnection> agents, TenantRoute route, AttemptInProgress attempt, out NoChoice why)
    {
        const int OnStack = 32;
        Span<AgentLoad> loads = agents.Length <= OnStack ? stackalloc AgentLoad[OnStack] : new AgentLoad[agents.Length];
        for (var i = 0; i < agents.Length; i++)
        {
            loads[i] = agents[i].LoadFor(route.Forest, attempt.WasTried(agents[i].Agent.Id), options.Agents.SuspectAfter);
        }

        var index = AgentChoice.Choose(loads[..agents.Length], Random.Shared.NextDouble(), out why);
        return index < 0 ? null : agents[index];
    }

    /// <summary>No agent has room now: waits a moment for one, then gives up.</summary>
    private async Task<AgentConnection?> WaitAsync(
        AgentPool pool, TenantRoute route, AttemptInProgress attempt, NoChoice why, CancellationToken cancel)
    {
        var until = attempt.Left - options.Agents.CapacityWait;
        while (why != NoChoice.AllTried && attempt.Left > HandOver.LeastTime && attempt.Left > until)
        {
            using var place = pool.Enter();
            if (place is null)
            {
                return null;
            }

            // Once more now that whoever gives a credit back sees this request wait.
            if (TryTake(pool, route, attempt, out why) is { } connection)
            {
                return connection;
            }

            await place.WaitAsync(attempt.Left - until, time, cancel);
        }

        return TryTake(pool, route, attempt, out _);
    }
}
