using Akka.Actor;
using Akka.Cluster;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Operator;

/// <summary>What happened in the cluster lately, as this node saw it.</summary>
internal sealed class ClusterEvents(TimeProvider clock)
{
    public EventRing<(DateTimeOffset At, string Member, string What)> Ring { get; } = new(200);

    /// <summary>Listens to the cluster, for as long as the actor system lives.</summary>
    public sealed class Listener : ReceiveActor
    {
        public Listener(ClusterEvents events)
        {
            void Keep(Address member, string what) => events.Ring.Add((events.Clock.GetUtcNow(), $"{member.Host}:{member.Port}", what));
            Receive<ClusterEvent.IMemberEvent>(happened => Keep(happened.Member.Address, happened.Member.Status.ToString().ToLowerInvariant()));
            Receive<ClusterEvent.UnreachableMember>(happened => Keep(happened.Member.Address, "unreachable"));
            Receive<ClusterEvent.ReachableMember>(happened => Keep(happened.Member.Address, "reachable again"));
            Receive<ClusterEvent.LeaderChanged>(happened =>
            {
                if (happened.Leader is { } leader)
                {
                    Keep(leader, "leader");
                }
            });
        }

        protected override void PreStart() => Cluster.Get(Context.System).Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent), typeof(ClusterEvent.LeaderChanged));

        protected override void PostStop() => Cluster.Get(Context.System).Unsubscribe(Self);
    }

    private TimeProvider Clock => clock;
}
