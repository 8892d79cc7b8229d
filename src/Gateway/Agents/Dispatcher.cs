using Passthrough.Agent.Monitoring;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Agents;

/// <summary>Takes a request to validate one password to an agent of the right forest, and brings back exactly one
/// outcome.</summary>
public sealed class Dispatcher(
    TenantDirectory tenants, AgentPicker picker, KeptLocks locks, NameSearcher searcher, AttemptSender sender,
    GatewayOptions options, TimeProvider time)
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
        using var span = Tracing.Begin("sign-in", attempt.Id.Value);
        Interlocked.Increment(ref _inProgress);
        try
        {
            // What the name looks like decides, and nothing else is told apart here: the caller shows one refusal for all.
            var now = tenants.Now;
            var outcome = now.FindRoute(tenant, name) is { } route
                ? await RunAsync(attempt, route, cancel)
                : attempt.Outcome(now.MayBeLearned(tenant, name) ? Verdict.NoAgent : Verdict.NoRouteForSuffix);
            AgentMeters.Ended(outcome.Verdict, outcome.Elapsed);
            span?.SetTag("verdict", outcome.Verdict.ToString()).SetTag("dispatches", outcome.Dispatches);
            return outcome;
        }
        finally
        {
            Interlocked.Decrement(ref _inProgress);
        }
    }

    private async Task<ValidationOutcome> RunAsync(AttemptInProgress attempt, NameRoute name, CancellationToken cancel)
    {
        foreach (var forest in name.Forests)
        {
            if (locks.LeftFor(forest, attempt.Name, attempt.Source) is var left && left > TimeSpan.Zero)
            {
                AgentMeters.KeptLocks.Add(1);
                return attempt.Outcome(Verdict.SmartLocked) with { LockedFor = left };
            }
        }

        if (name.Forests.Length == 1)
        {
            return await RunAsync(attempt, name.Forests[0], cancel);
        }

        var search = await searcher.RunAsync(attempt, name.Forests, cancel);
        var outcome = search.Refusal is { } refusal
            ? attempt.Outcome(refusal)
            : await RunAsync(attempt, name.Forests[search.Forest], cancel);
        searcher.Learn(attempt, name.Forests[0].Tenant, outcome.Verdict);
        return outcome;
    }

    private async Task<ValidationOutcome> RunAsync(AttemptInProgress attempt, TenantRoute route, CancellationToken cancel)
    {
        while (true)
        {
            var (receiver, why) = await picker.TakeAsync(route, attempt.Tried, attempt.Deadline, cancel);
            if (receiver is null)
            {
                return attempt.Outcome(attempt.Otherwise ?? HandOver.WithoutDispatch(why));
            }

            using var span = Tracing.Step("dispatch");
            attempt.Record(await sender.SendAsync(attempt, route, receiver, cancel));
            var decision = HandOver.Decide(
                attempt.Last.End, attempt.Last.Verdict, attempt.Number, attempt.BrokenStreams, attempt.Left);
            if (!decision.Again)
            {
                Remember(route, attempt);
                return attempt.Outcome(decision.Otherwise);
            }

            attempt.TryElsewhere(receiver.Agent.Id, decision);
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
}
