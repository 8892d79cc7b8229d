using CsCheck;
using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Decisions.Tests.ForestHealth;

public sealed class PeerChoiceTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(8);
    private static readonly PeerLoad Able = new(IsOther: true, IsUp: true, Reaches: true, Load: 0, HandedOver: 0);

    [Fact]
    public void Nobody_is_chosen_who_does_not_reach_the_forest_nor_when_there_is_no_time()
    {
        Assert.Equal(-1, PeerChoice.Choose([], Ample, 1));
        Assert.Equal(-1, PeerChoice.Choose([Able with { Reaches = false }], Ample, 1));
        Assert.Equal(-1, PeerChoice.Choose([Able with { IsUp = false }], Ample, 1));
        Assert.Equal(-1, PeerChoice.Choose([Able with { IsOther = false }], Ample, 1));
        Assert.Equal(0, PeerChoice.Choose([Able with { Load = 9 }], PeerChoice.LeastTime, 1));
        Assert.Equal(-1, PeerChoice.Choose([Able], PeerChoice.LeastTime - TimeSpan.FromTicks(1), 1));
    }

    [Fact]
    public void The_choice_has_the_least_to_do_of_those_who_reach_it() =>
        Gen.Select(Gen.Select(Gen.Int[0, 9], Gen.Int[0, 5], Gen.Int[0, 5]).Array[0, 12], Gen.UInt).Sample((drawn, random) =>
        {
            var peers = drawn.Select(each => new PeerLoad(each.Item1 != 0, each.Item1 != 1, each.Item1 > 4, each.Item2, each.Item3)).ToArray();
            var able = peers.Where(peer => peer is { IsOther: true, IsUp: true, Reaches: true }).ToList();

            var chosen = PeerChoice.Choose(peers, Ample, random);

            return able.Count == 0
                ? chosen == -1
                : able.Contains(peers[chosen]) && peers[chosen].Load + peers[chosen].HandedOver == able.Min(peer => peer.Load + peer.HandedOver);
        });

    [Fact]
    public void Equals_share_alike()
    {
        PeerLoad[] peers =
        [
            Able with { Load = 1 }, Able with { HandedOver = 1 }, Able with { Reaches = false }, Able with { Load = 1 }, Able with { Load = 2 },
        ];
        var random = new Random(5);

        var counts = Enumerable.Range(0, 9_000).Select(_ => PeerChoice.Choose(peers, Ample, (uint)random.NextInt64())).CountBy(index => index)
            .ToDictionary();

        Assert.Equal([0, 1, 3], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 2_700, 3_300));
    }
}
