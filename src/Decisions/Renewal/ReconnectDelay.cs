namespace Passthrough.Decisions.Renewal;

/// <summary>How long to wait before connecting again: full jitter, so that the agents of a gateway that restarts do not all
/// come back at once.</summary>
public static class ReconnectDelay
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <param name="failures">Connections in a row that ended without a welcome; 0 after one that had worked.</param>
    /// <param name="draw">A draw from [0, 1).</param>
    public static TimeSpan After(int failures, double draw)
    {
        // Six doublings reach the longest; the bound keeps the shift from overflowing.
        var ceiling = Shortest * (1 << Math.Clamp(failures + 1, 1, 6));
        ceiling = ceiling < Longest ? ceiling : Longest;
        return Shortest + ((ceiling - Shortest) * draw);
    }
}
