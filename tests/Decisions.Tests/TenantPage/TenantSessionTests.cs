using Passthrough.Decisions.TenantPage;
using static Passthrough.Decisions.TenantPage.SessionStanding;

namespace Passthrough.Decisions.Tests.TenantPage;

/// <summary>How long a session on the tenant page is good.</summary>
public class TenantSessionTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Minutes since it began and since it was used, and since its key's sessions were ended.</summary>
    [Theory]
    [InlineData(0, 0, null, true, Good)]
    [InlineData(10, 10, null, true, Good)]
    [InlineData(29.9, 29.9, null, true, Good)]
    [InlineData(30, 30, null, true, Idle)]
    [InlineData(479.9, 0, null, true, Good)]
    [InlineData(479.9, 29.9, null, true, Good)]
    [InlineData(480, 0, null, true, Over)]
    [InlineData(10, 0, null, false, KeyGone)]
    [InlineData(10, 0, 11.0, true, Good)]
    [InlineData(10, 0, 10.0, true, SignedOut)]
    [InlineData(10, 0, 0.0, true, SignedOut)]
    [InlineData(-1, -1, null, true, Good)]
    [InlineData(-1.1, -1.1, null, true, Nonsense)]
    [InlineData(10, -1.1, null, true, Nonsense)]
    [InlineData(10, 11, null, true, Nonsense)]
    public void A_session_is_good_for_a_while(double began, double used, double? signedOut, bool hasKey, SessionStanding standing) =>
        Assert.Equal(standing, Of(began, used).Judge(hasKey, signedOut is { } ago ? Ago(ago) : null, Now));

    [Theory]
    [InlineData(0, 0, 30)]
    [InlineData(10, 5, 25)]
    [InlineData(470, 0, 10)]
    public void It_ends_by_itself(double began, double used, double endsIn) => Assert.Equal(Ago(-endsIn), Of(began, used).Ends);

    [Theory, InlineData(0.9, false), InlineData(1, true)]
    public void Its_use_is_noted_once_a_minute(double used, bool isNoted) => Assert.Equal(isNoted, Of(10, used).IsToBeNoted(Now));

    [Theory, InlineData(10), InlineData(0), InlineData(-1)]
    public void Signing_out_ends_it_whichever_clock_is_ahead(double began)
    {
        var session = Of(began, began);
        Assert.Equal(SignedOut, session.Judge(true, session.SignOutAt(Now), Now));
    }

    private static TenantSession Of(double began, double used) => new(Ago(began), Ago(used));

    private static DateTimeOffset Ago(double minutes) => Now - TimeSpan.FromMinutes(minutes);
}
