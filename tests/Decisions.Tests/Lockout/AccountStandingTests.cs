using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

public class AccountStandingTests
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("0193b8a0-0000-4000-8000-000000000001"));
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly LockoutPolicy Policy = new() { Budget = 3 };

    [Theory]
    [InlineData(0, 0, 0, 3, false), InlineData(1, 0, 1, 2, false), InlineData(0, 1, 0, 2, false), InlineData(2, 1, 2, 0, false), InlineData(3, 0, 3, 0, true)]
    public void It_is_what_a_question_would_find(int failed, int open, int failures, int left, bool isLocked)
    {
        var state = Drive(failed, open);
        var standing = AccountStanding.Of(state, Anna, Start, Policy).Classes[0];
        Assert.Equal((failures, 3, open, left, isLocked), (standing.Failures, standing.Budget, standing.Open, standing.Left, standing.LockedUntil is not null));
        Assert.Equal(left > 0, LockoutDecider.Decide(state, Ask(99), Start, Policy).Answer is Answer.Granted);
    }

    [Fact]
    public void What_time_has_done_is_counted()
    {
        var state = Drive(failed: 2, open: 1);
        var late = AccountStanding.Of(state, Anna, Start + Policy.PermitLifetime, Policy).Classes[0];
        Assert.Equal((3, 0, 0), (late.Failures, late.Open, late.Left));
        Assert.Equal(Start + Policy.PermitLifetime + Policy.LockTime, late.LockedUntil);

        // After the lock one bind at a time; after the memory nothing.
        Assert.Equal((3, 1), AccountStanding.Of(state, Anna, late.LockedUntil!.Value, Policy).Classes[0] is var over ? (over.Failures, over.Left) : default);
        Assert.Equal(new ClassStanding(0, 3, 0, 3, 0, null, 0, null), AccountStanding.Of(state, Anna, Start + Policy.FailureMemory * 2, Policy).Classes[0]);
    }

    private static AccountState Drive(int failed, int open)
    {
        var state = AccountState.Clean;
        for (var i = 0ul; i < (ulong)(failed + open); i++)
        {
            state = LockoutDecider.Decide(state, Ask(i + 1), Start, Policy).Next;
            if (i < (ulong)failed)
            {
                state = LockoutDecider.Decide(state, new SettlePermit(Anna, default, i + 1, Settlement.Failed), Start, Policy).Next;
            }
        }

        return state;
    }

    private static AskPermit Ask(ulong permit) => new(Anna, ClientSource.Nowhere, new AttemptId(Guid.CreateVersion7()), permit);
}
