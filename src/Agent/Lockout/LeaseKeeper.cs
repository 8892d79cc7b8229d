using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Asks the other members, some times in each lease, whether this node is one of them, and answers them the same
/// (<see cref="NodeLease"/> is the rule).</summary>
internal sealed class LeaseKeeper : ReceiveActor, IWithTimers
{
    /// <summary>Found by the others under this name (hocon/remote.conf).</summary>
    public const string Name = "lease";

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly MemoryGrants _grants;
    private readonly ILogger _log;
    private NodeLease _lease;
    private bool _held = true;

    public LeaseKeeper(MemoryGrants grants, ILogger<LeaseKeeper> log)
    {
        (_grants, _log) = (grants, log);
        _lease = NodeLease.Of(_cluster.DowningProvider.DownRemovalMargin);
        Receive<Tick>(_ => Ask());
        Receive<Beat>(beat =>
        {
            if (IsMember(Sender.Path.Address, beat.Node))
            {
                Sender.Tell(new Echo(beat.Round));
            }
        });
        Receive<Echo>(echo => Renew(_lease.Hear(echo.Round, Sender.Path.Address.ToString())));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(Name, Tick.Instance, TimeSpan.Zero, _lease.Interval);

    private void Ask()
    {
        var others = _cluster.State.Members
            .Where(member => IsMember(member) && member.UniqueAddress != _cluster.SelfUniqueAddress).Select(member => member.Address).ToList();
        Renew(_lease.Ask([.. others.Select(each => each.ToString())], _grants.Now));
        foreach (var address in others)
        {
            Context.ActorSelection(new RootActorPath(address) / "user" / Name).Tell(new Beat(_lease.Round, _cluster.SelfUniqueAddress.Uid));
        }
    }

    private void Renew(NodeLease next)
    {
        _lease = next;
        _grants.Renew(next);
        if (_grants.Allowed != _held)
        {
            _held = !_held;
            if (_held)
            {
                _log.LeaseRenewed();
            }
            else
            {
                _log.LeaseOver(_lease.Length.TotalSeconds);
            }
        }
    }

    private bool IsMember(Address address, int node) =>
        _cluster.State.Members.Any(member => IsMember(member) && member.Address == address && member.UniqueAddress.Uid == node);

    /// <summary>Whoever is to go has lost its vote: the others have begun to share out what it owns.</summary>
    private static bool IsMember(Member member) => member.Status is MemberStatus.Up or MemberStatus.WeaklyUp or MemberStatus.Leaving;

    /// <summary>Am I a member?</summary>
    /// <param name="Node">Tells two nodes apart that had one address after each other.</param>
    public sealed record Beat(long Round, int Node) : ILeaseMessage;

    /// <summary>You are.</summary>
    public sealed record Echo(long Round) : ILeaseMessage;

    /// <summary>What crosses between nodes.</summary>
    public interface ILeaseMessage;

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
