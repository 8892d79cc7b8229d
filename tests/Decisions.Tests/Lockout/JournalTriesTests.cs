using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public class JournalTriesTests
{
    private JournalTries _tries;

    [Fact]
    public void While_the_journal_is_silent_one_shard_at_a_time_tries_to_reach_it()
    {
        Assert.True(May("1"));
        Assert.True(May("2"));

        _tries = _tries.Silent("1");
        Assert.True(May("2"));
        Assert.True(May("2"));
        Assert.False(May("1"));
        _tries = _tries.Silent("3");
        Assert.False(May("1"));

        _tries = _tries.Silent("2");
        Assert.True(May("1"));
        Assert.False(May("2"));

        _tries = JournalTries.Answered();
        Assert.True(May("1"));
        Assert.True(May("2"));
    }

    [Fact]
    public void A_shard_that_stops_leaves_the_way_to_another()
    {
        _tries = _tries.Silent("1");
        Assert.True(May("1"));
        Assert.False(May("2"));

        _tries = _tries.Stopped("3");
        Assert.False(May("2"));
        _tries = _tries.Stopped("1");
        Assert.True(May("2"));
    }

    private bool May(string shard)
    {
        (var may, _tries) = _tries.Ask(shard);
        return may;
    }
}
