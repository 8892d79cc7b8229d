using System.Collections.Immutable;

namespace Passthrough.Decisions.Lockout;

/// <summary>For how long a node may believe that what it owns is still its own: as long as a majority of the cluster's members has
/// heard from it. It asks all of them again and again; a round that a majority has answered renews the lease from the moment at
/// which that round was <em>asked</em>. Who answers has not taken the asker out of the cluster at that moment, and what is taken
/// out keeps its shards for the cluster's removal margin, so a lease that is shorter than the margin ends before another node can
/// own them.</summary>
public sealed record NodeLease
{
    /// <summary>Rounds of which answers are still waited for.</summary>
    public const int MaxRounds = 8;

    private NodeLease(TimeSpan length) => Length = length;

    /// <summary>How long it holds after it was renewed.</summary>
    public TimeSpan Length { get; }

    /// <summary>Null: never yet.</summary>
    public Moment? RenewedAt { get; private init; }

    /// <summary>The number of the last round that was asked; they are numbered from 1.</summary>
    public long Round { get; private init; }

    private ImmutableList<Asked> Open { get; init; } = [];

    /// <summary>Nobody was asked yet.</summary>
    /// <param name="removalMargin">How long the shards of a node that was taken out wait for their next home.</param>
    public static NodeLease Of(TimeSpan removalMargin) => new(removalMargin * 0.85);

    /// <summary>How often to ask.</summary>
    public TimeSpan Interval => Length / 6;

    /// <summary>A new round.</summary>
    /// <param name="others">The other members, as this node knows them; none: it is the whole cluster.</param>
    public NodeLease Ask(ImmutableHashSet<string> others, Moment now) => others.IsEmpty
        ? this with { Round = Round + 1, RenewedAt = now, Open = [] }
        : this with { Round = Round + 1, Open = Open.Add(new Asked(Round + 1, now, others, others.Count + 1)).RemoveRange(0, Math.Max(0, Open.Count + 1 - MaxRounds)) };

    /// <summary>A member has answered a round. What was not asked is of no account.</summary>
    public NodeLease Hear(long round, string member)
    {
        var place = Open.FindIndex(asked => asked.Round == round);
        if (place < 0 || !Open[place].Missing.Contains(member))
        {
            return this;
        }

        var heard = Open[place] with { Missing = Open[place].Missing.Remove(member) };
        return heard.HasMajority
            ? this with { RenewedAt = heard.At, Open = Open.RemoveRange(0, place + 1) }
            : this with { Open = Open.SetItem(place, heard) };
    }

    /// <summary>Whether it holds; by both clocks, because the one that only runs forward stands still while a machine is suspended.</summary>
    public bool Holds(Moment now) =>
        RenewedAt is { } renewed && now.Steady - renewed.Steady < Length && now.Wall - renewed.Wall < Length;

    /// <summary>A point in time.</summary>
    /// <param name="Steady">By a clock that nobody sets.</param>
    /// <param name="Wall">By the wall clock.</param>
    public readonly record struct Moment(DateTimeOffset Steady, DateTimeOffset Wall);

    private sealed record Asked(long Round, Moment At, ImmutableHashSet<string> Missing, int Members)
    {
        public bool HasMajority => 2 * (Members - Missing.Count) > Members;
    }
}
