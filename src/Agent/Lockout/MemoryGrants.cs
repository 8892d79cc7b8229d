using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Whether this node may grant permits from memory now. Written by its <see cref="LeaseKeeper"/>, read by its accounts.</summary>
public sealed class MemoryGrants(TimeProvider clock)
{
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly long _startedTicks = clock.GetTimestamp();
    private volatile NodeLease? _lease;

    public bool Allowed => _lease is { } lease && lease.Holds(Now);

    internal NodeLease.Moment Now => new(_startedAt + clock.GetElapsedTime(_startedTicks), clock.GetUtcNow());

    internal void Renew(NodeLease lease) => _lease = lease;
}
