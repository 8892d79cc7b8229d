namespace Passthrough.Wire;

/// <summary>Versions of the agent stream's protocol that this program speaks, and how two programs agree on one.</summary>
public static class ProtocolVersions
{
    /// <summary>The oldest version spoken, 1 or more: 0 is what an absent field reads as.</summary>
    public const uint Oldest = 1;

    public const uint Newest = 1;

    /// <summary>The newest version that this program and one that speaks <paramref name="oldest"/> to
    /// <paramref name="newest"/> (both included, as in <c>Hello</c>) share; null if they share none, or the range is none.</summary>
    public static uint? Negotiate(uint oldest, uint newest) => Negotiate(Oldest, Newest, oldest, newest);

    internal static uint? Negotiate(uint ownOldest, uint ownNewest, uint oldest, uint newest)
    {
        var shared = Math.Min(ownNewest, newest);
        return oldest > 0 && oldest <= newest && shared >= Math.Max(ownOldest, oldest) ? shared : null;
    }
}
