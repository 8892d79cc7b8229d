using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;

namespace Passthrough.Decisions.Tests.Operator;

public class HindranceTests
{
    private static readonly DateTimeOffset Until = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(true, true, null, "locked from everywhere until 2026-01-02 03:04:05Z"), InlineData(true, false, null, "locked from unfamiliar sources until")]
    [InlineData(false, true, Verdict.AccountDisabled, "locked from familiar sources until"), InlineData(false, false, Verdict.BadPassword, "the password was wrong")]
    [InlineData(false, false, Verdict.AccountDisabled, "the account is disabled in the directory (the last attempt that failed, at T)")]
    [InlineData(false, false, Verdict.AccountLockedInAd, "the directory itself has locked"), InlineData(false, false, Verdict.PasswordExpired, "the password was right")]
    [InlineData(false, false, Verdict.NoDomainController, "no domain controller gave a verdict (NoDomainController)")]
    [InlineData(false, false, Verdict.UserNotFoundInForest, "the last attempt ended with UserNotFoundInForest"), InlineData(false, false, null, "nothing that is known here")]
    public void It_says_what_stands_in_the_way(bool strangers, bool own, Verdict? last, string line) =>
        Assert.StartsWith(line, Hindrance.Of(new AccountStanding([Class(strangers), Class(own)], 0), last, "T"), StringComparison.Ordinal);

    [Fact]
    public void Every_verdict_has_a_line() =>
        Assert.All(VerdictTable.Rows, row => Assert.NotEmpty(Hindrance.Of(new AccountStanding([Class(false), Class(false)], 0), row.Verdict, "T")));

    private static ClassStanding Class(bool isLocked) => isLocked ? new(10, 10, 0, 0, 0, Until, 1, Until) : new(0, 10, 0, 10, 0, null, 0, null);
}
