namespace Passthrough.Decisions.Instances;

/// <summary>What one instance of the gateway has seen of another in the database that they share.</summary>
/// <param name="Beat">Grows while the other runs.</param>
/// <param name="SeenAt">When it was seen to differ from before, by the clock of who looks; only differences of it count.</param>
public readonly record struct SeenBeat(long Beat, TimeSpan SeenAt);

/// <summary>Which instances of the gateway live, and which of them agents are told of. No clocks of two machines are compared.</summary>
public static class InstanceRoll
{
    /// <summary>An instance whose beat stands still for so long is not asked for anything. A beat comes every second.</summary>
    public static readonly TimeSpan AliveFor = TimeSpan.FromSeconds(10);

    /// <summary>More instances than agents are told of.</summary>
    public const int MostAddresses = 16;

    /// <summary>What is known after one more look. An instance that is new counts as one that has just moved; one whose row is gone is
    /// forgotten.</summary>
    /// <param name="rows">Address and beat of each instance, as the database has them.</param>
    /// <param name="now">On the clock of <see cref="SeenBeat.SeenAt"/>.</param>
    public static IReadOnlyDictionary<string, SeenBeat> Follow(
        IReadOnlyDictionary<string, SeenBeat> before, IEnumerable<(string Address, long Beat)> rows, TimeSpan now) =>
        rows.ToDictionary(
            row => row.Address,
            row => before.TryGetValue(row.Address, out var seen) && seen.Beat == row.Beat ? seen : new SeenBeat(row.Beat, now),
            StringComparer.Ordinal);

    /// <summary>The other instances that live, in the order of their addresses.</summary>
    public static IReadOnlyList<string> Others(IReadOnlyDictionary<string, SeenBeat> seen, string own, TimeSpan now) =>
        [.. seen.Where(each => each.Key != own && now - each.Value.SeenAt < AliveFor).Select(each => each.Key).Order(StringComparer.Ordinal)];

    /// <summary>Where agents are told to keep streams to: what is configured, else all instances that are not forgotten, this one among
    /// them however many there are.</summary>
    public static IReadOnlyList<string> StreamAddresses(IReadOnlyCollection<string> configured, IEnumerable<string> known, string own) =>
        configured.Count > 0
            ? [.. configured]
            : [.. known.Order(StringComparer.Ordinal).OrderBy(each => each != own).Take(MostAddresses).Order(StringComparer.Ordinal)];
}
