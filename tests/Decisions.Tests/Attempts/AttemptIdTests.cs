using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class AttemptIdTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_comes_back_from_the_wire_as_it_was()
    {
        var id = new AttemptId(Guid.CreateVersion7(Noon));
        Assert.True(AttemptId.TryRead(id.ToBytes(), out var read));
        Assert.Equal(id, read);
        Assert.Equal(Convert.ToHexStringLower(id.ToBytes()), id.ToString());
    }

    [Theory, InlineData(15), InlineData(17), InlineData(0)]
    public void Other_lengths_are_refused(int length) => Assert.False(AttemptId.TryRead(new byte[length], out _));

    [Fact]
    public void An_identifier_that_is_not_ordered_by_time_is_refused() =>
        Assert.False(AttemptId.TryRead(Guid.NewGuid().ToByteArray(bigEndian: true), out _));

    [Fact]
    public void A_log_sorted_by_it_is_sorted_by_time()
    {
        var ids = Enumerable.Range(0, 50).Select(i => new AttemptId(Guid.CreateVersion7(Noon.AddMilliseconds(i))).ToString()).ToList();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }
}
