using System.Globalization;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Decisions.Dashboard;

/// <summary>How a dashboard judges what it shows. The words are short: they stand in a cell.</summary>
public static class DashboardRules
{
    /// <summary>A person notices it.</summary>
    public const double SlowMs = 250;

    /// <summary>With work in its hands: before its binds run out of time, and long after any answer of a healthy one.</summary>
    public const double SilentMs = 1_000;

    /// <param name="status">Of the member, as this node's cluster has it.</param>
    /// <param name="missed">How many times in a row it has said nothing of itself within a second: once is a pause that anybody may have.</param>
    /// <param name="work">What it says that it does, see <c>agents list</c>; empty: not that.</param>
    public static Finding Node(string status, bool isReachable, int missed, string work) =>
        !isReachable ? new(HealthState.Unhealthy, "unreachable")
        : status != "up" ? new(HealthState.Degraded, status)
        : missed > 0 ? new(missed > 1 ? HealthState.Unhealthy : HealthState.Degraded, "does not answer")
        : work switch
        {
            "works" => Finding.Well(work),
            "no gateway" => new(HealthState.Unhealthy, work),
            "" => new(HealthState.Degraded, "answers in part"),
            _ => new(HealthState.Degraded, work),
        };

    /// <summary>A domain controller, as one node sees it.</summary>
    /// <param name="isReady">It answered the last probe, and nothing has failed since.</param>
    /// <param name="milliseconds">How long it takes to answer, or has been silent with work in its hands.</param>
    public static Finding Controller(bool isReady, double milliseconds, int outstanding, bool isEjected) =>
        !isReady ? new(HealthState.Unhealthy, "no answer")
        : outstanding > 0 && milliseconds >= SilentMs ? new(HealthState.Unhealthy, string.Create(CultureInfo.InvariantCulture, $"silent for {milliseconds / 1_000:0} s"))
        : isEjected ? new(HealthState.Degraded, "taken out")
        : milliseconds >= SlowMs ? new(HealthState.Degraded, "slow")
        : Finding.Well("ready");

    /// <summary>The worst of what several nodes see of one thing, and who sees it if not all do.</summary>
    public static Finding Worst(IReadOnlyCollection<(string Node, Finding Finding)> seen)
    {
        var worst = seen.Select(each => each.Finding).OrderByDescending(finding => finding.State).FirstOrDefault() ?? Finding.Well("");
        var by = seen.Where(each => each.Finding.State == worst.State).Select(each => each.Node).ToList();
        return worst.State == HealthState.Healthy || by.Count == seen.Count ? worst : worst with { Reason = $"{worst.Reason} (seen by {string.Join(", ", by)})" };
    }

    /// <summary>What an attack is called, for one forest.</summary>
    public static Finding Of(Guessing guessing) => string.Create(CultureInfo.InvariantCulture, $"{guessing.UsualPerSecond:0.#} a second are usual") is var usual && guessing.IsNow
        ? new(HealthState.Unhealthy, string.Create(CultureInfo.InvariantCulture, $"passwords are being guessed: {guessing.Guesses} failures since {guessing.Since:HH:mm:ss}, {usual}"))
        : new(HealthState.Degraded, string.Create(
            CultureInfo.InvariantCulture, $"passwords were guessed: {guessing.Guesses} failures from {guessing.Since:HH:mm:ss} to {guessing.Until.AddSeconds(Course.StepSeconds):HH:mm:ss}, {usual}"));

    /// <summary>Why an attempt signed nobody in, for who reads it in a table.</summary>
    public static string Reason(Verdict verdict) => verdict switch
    {
        Verdict.BadPassword => "wrong password",
        Verdict.BadPasswordRepeated => "the same wrong password again",
        Verdict.UserNotFoundInForest => "no such name",
        Verdict.NoRouteForSuffix => "the suffix leads to no forest",
        Verdict.AmbiguousRoute => "the suffix leads to several forests",
        Verdict.InvalidUsernameFormat => "no user name",
        Verdict.PasswordExpired => "right password, expired",
        Verdict.PasswordMustChange => "right password, must be changed",
        Verdict.AccountDisabled => "disabled in the directory",
        Verdict.AccountExpired => "expired in the directory",
        Verdict.AccountLockedInAd => "locked in the directory",
        Verdict.SmartLocked => "locked here after failures",
        Verdict.SourceBlocked => "its source is blocked",
        Verdict.LogonHours => "not at this hour",
        _ when verdict.Row().Public == PublicMeaning.TryAgainLater => "no verdict was to be had",
        _ => "restricted in the directory",
    };
}
