namespace Passthrough.Wire.Tests;

public class ProtocolVersionsTests
{
    [Theory]
    [InlineData(3, 5, 3, 5, 5u)] // the same
    [InlineData(3, 5, 1, 2, null)] // the other side is too old
    [InlineData(3, 5, 1, 3, 3u)] // just old enough
    [InlineData(3, 5, 5, 9, 5u)] // just not too new
    [InlineData(3, 5, 6, 9, null)] // the other side is too new
    [InlineData(3, 5, 4, 4, 4u)] // inside
    [InlineData(3, 5, 1, 9, 5u)] // around
    [InlineData(1, 1, 1, 1, 1u)]
    public void The_newest_version_that_both_speak_is_chosen(uint ownOldest, uint ownNewest, uint oldest, uint newest, uint? chosen)
    {
        Assert.Equal(chosen, ProtocolVersions.Negotiate(ownOldest, ownNewest, oldest, newest));
        Assert.Equal(chosen, ProtocolVersions.Negotiate(oldest, newest, ownOldest, ownNewest));
    }

    [Theory]
    [InlineData(0, 0)] // nothing was said
    [InlineData(0, 1)]
    [InlineData(2, 1)] // upside down
    [InlineData(uint.MaxValue, 0)]
    public void A_range_that_is_none_shares_nothing(uint oldest, uint newest) =>
        Assert.Null(ProtocolVersions.Negotiate(oldest, newest));

    [Fact]
    public void This_program_speaks_with_itself_and_with_what_comes_after_it()
    {
        Assert.Equal(ProtocolVersions.Newest, ProtocolVersions.Negotiate(ProtocolVersions.Oldest, ProtocolVersions.Newest));
        Assert.Equal(ProtocolVersions.Newest, ProtocolVersions.Negotiate(ProtocolVersions.Newest, uint.MaxValue));
        Assert.Null(ProtocolVersions.Negotiate(ProtocolVersions.Newest + 1, uint.MaxValue));
    }
}
