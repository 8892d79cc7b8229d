using Passthrough.Decisions.Peers;

namespace Passthrough.Decisions.Tests.Peers;

public sealed class PartitionVerdictTests
{
    [Theory]
    [InlineData(1, 1, PartitionRecord.Written, true)]
    [InlineData(1, 1, PartitionRecord.LeftOut, false)]
    [InlineData(1, 1, PartitionRecord.Silent, false)]
    [InlineData(2, 1, PartitionRecord.Written, true)]
    [InlineData(2, 1, PartitionRecord.Silent, true)]
    [InlineData(2, 1, PartitionRecord.LeftOut, false)]
    [InlineData(1, 2, PartitionRecord.Written, false)]
    [InlineData(1, 2, PartitionRecord.Silent, false)]
    [InlineData(2, 2, PartitionRecord.Written, true)]
    [InlineData(2, 2, PartitionRecord.Silent, false)]
    public void A_part_goes_on_if_it_is_written_down_or_is_more_than_half(int seen, int missing, PartitionRecord record, bool goesOn) =>
        Assert.Equal(goesOn, PartitionVerdict.GoesOn(seen, missing, record));

    [Fact]
    public void Of_two_parts_never_both_go_on()
    {
        // Each part sees itself and misses the other; the database writes one down, the other is left out, and either may not reach it.
        foreach (var (one, other) in from size in Enumerable.Range(2, 8) from part in Enumerable.Range(1, size - 1) select (part, size - part))
        {
            foreach (var (first, second) in new[]
            {
                (PartitionRecord.Written, PartitionRecord.LeftOut), (PartitionRecord.Written, PartitionRecord.Silent),
                (PartitionRecord.Silent, PartitionRecord.Silent),
            })
            {
                Assert.False(
                    PartitionVerdict.GoesOn(one, other, first) && PartitionVerdict.GoesOn(other, one, second), $"{one} | {other}, {first}, {second}");
            }
        }
    }
}
