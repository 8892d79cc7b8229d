using Akka.Actor;
using Akka.Hosting;
using Passthrough.Agent.Forests;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Operator;

/// <summary>What an operator wants to know of the forests, of the agent that runs: by the very table that sign-ins are routed
/// by.</summary>
internal sealed class ForestQuestions(SiteForests forests, ForestPeers peers, IRequiredActor<ForestEntity> entities, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);

    /// <exception cref="OperatorRefusalException">It is no user name.</exception>
    public async Task<RouteReply> RouteAsync(string text, CancellationToken deadline)
    {
        var name = TypedName.TryParse(text)
            ?? throw new OperatorRefusalException(OperatorRefusal.Malformed, "this is no user name: write user@suffix or DOMAIN\\user");
        var table = forests.Routes.Table;
        var route = table.Find(name.Suffix);
        var reply = new RouteReply
        {
            Routed = route.Outcome == RouteOutcome.Routed,
            Explanation = RouteExplanation.Of(name, route),
            Notes = { table.Notes },
        };
        if (reply.Routed && forests.Routes.Of(route.Claim!.Forest) is { } snapshot)
        {
            reply.Forest = StateOf(snapshot);
            reply.Controllers.AddRange(await forests.ExplainOrderAsync(snapshot.Forest, route.Domain, deadline));
        }

        return reply;
    }

    public ForestsListReply List() => new() { Forests = { forests.Routes.Snapshots.Select(StateOf) } };

    /// <exception cref="OperatorRefusalException">It is no forest of this agent, or its names could not be read.</exception>
    public async Task<ForestsRefreshReply> RefreshAsync(string forest, CancellationToken deadline)
    {
        var name = forests.Routes.Of(forest)?.Forest ?? throw new OperatorRefusalException(
            OperatorRefusal.NotFound, $"{forest} is no forest of this agent: see pbm forests list");
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(deadline);
            patience.CancelAfter(Patience);
            var entity = await entities.GetAsync(patience.Token);
            var done = await entity.Ask<ForestProtocol.Refreshed>(new ForestProtocol.Refresh(name), patience.Token);
            if (done.Fault.Length > 0)
            {
                throw new OperatorRefusalException(OperatorRefusal.Unavailable, $"the names of {name} could not be read, the last stay in force: {done.Fault}");
            }

            await InForceAsync(name, done.Version).WaitAsync(patience.Token);
            return new ForestsRefreshReply { Forest = StateOf(forests.Routes.Of(name)!) };
        }
        catch (OperationCanceledException)
        {
            throw new OperatorRefusalException(
                OperatorRefusal.Unavailable, $"the names of {name} were not read within {Patience.TotalSeconds} s: try again, and see pbm cluster show");
        }
    }

    private async Task InForceAsync(string forest, long version)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        forests.Routes.Changed += Look;
        try
        {
            Look();
            await arrived.Task;
        }
        finally
        {
            forests.Routes.Changed -= Look;
        }

        void Look()
        {
            if (forests.Routes.Of(forest)!.Version >= version)
            {
                arrived.TrySetResult();
            }
        }
    }

    private ForestState StateOf(ForestSnapshot snapshot)
    {
        var nodes = peers.Of(snapshot.Forest).ToLookup(each => each.View.Reaches, each => each.View.Name);
        return new ForestState
        {
            Name = snapshot.Forest,
            Version = snapshot.Version,
            AgeMs = snapshot.Version == 0 ? 0 : (ulong)Math.Max(0, (clock.GetUtcNow() - snapshot.ReadAt).TotalMilliseconds),
            ReadFrom = snapshot.ReadFrom,
            Domains = { snapshot.Domains.Select(domain => domain.NetBiosName.Length > 0 ? $"{domain.DnsName} ({domain.NetBiosName})" : domain.DnsName) },
            UpnSuffixes = { snapshot.UpnSuffixes },
            Trusts = { snapshot.Names.Trusts.Select(RouteExplanation.Of) },
            ReachedBy = { nodes[true] },
            NotReachedBy = { nodes[false] },
        };
    }
}
