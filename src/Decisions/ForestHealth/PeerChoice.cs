namespace Passthrough.Decisions.ForestHealth;

/// <summary>A node as the choice sees it.</summary>
/// <param name="IsOther">It is not the one that hands over.</param>
/// <param name="IsUp">The cluster believes that it answers.</param>
/// <param name="Reaches">A domain controller of the forest answers it, as it said not long ago.</param>
/// <param name="Load">Attempts that it had not answered when it said so.</param>
/// <param name="HandedOver">Attempts that this node has handed to it and that it has not answered: newer than what it said.</param>
public readonly record struct PeerLoad(bool IsOther, bool IsUp, bool Reaches, int Load, int HandedOver);

/// <summary>Which peer an attempt is handed to by a node that cannot reach the forest.</summary>
public static class PeerChoice
{
    /// <summary>Less time than this is not enough for the way to a peer and for all that it has to do.</summary>
    public static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);

    /// <summary>The index of the one with the least to do among the others that are up and reach the forest; equals are drawn from. -1: there is
    /// none, or no time.</summary>
    /// <param name="left">Until the attempt's deadline.</param>
    /// <param name="random">A draw of 32 bits.</param>
    public static int Choose(ReadOnlySpan<PeerLoad> peers, TimeSpan left, uint random)
    {
        var (chosen, equals) = (-1, 0u);
        for (var index = 0; left >= LeastTime && index < peers.Length; index++)
        {
            if (peers[index] is not { IsOther: true, IsUp: true, Reaches: true })
            {
                continue;
            }

            var order = chosen < 0 ? -1 : Work(peers[index]).CompareTo(Work(peers[chosen]));
            equals = order < 0 ? 1 : order == 0 ? equals + 1 : equals;

            // Each of n equals is kept with a chance of one in n.
            chosen = order < 0 || (order == 0 && Mix(random, (uint)index) % equals == 0) ? index : chosen;
        }

        return chosen;
    }

    private static long Work(in PeerLoad peer) => (long)peer.Load + peer.HandedOver;

    private static uint Mix(uint random, uint index)
    {
        var mixed = (random ^ (index * 0x9E3779B9u)) * 0x85EBCA6Bu;
        mixed ^= mixed >> 13;
        mixed *= 0xC2B2AE35u;
        return mixed ^ (mixed >> 16);
    }
}
