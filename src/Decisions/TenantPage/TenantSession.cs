namespace Passthrough.Decisions.TenantPage;

/// <summary>Why a session on the tenant page is not good, or that it is.</summary>
public enum SessionStanding
{
    /// <summary>It may look.</summary>
    Good,

    /// <summary>Its key was revoked, is past its end, or opens something else.</summary>
    KeyGone,

    /// <summary>It was ended, here or at another instance.</summary>
    SignedOut,

    /// <summary>Nobody used it for too long.</summary>
    Idle,

    /// <summary>Its time is over, however much it is used.</summary>
    Over,

    /// <summary>It says that it is from the future.</summary>
    Nonsense,
}

/// <summary>A session on the tenant page, as its cookie says.</summary>
/// <param name="Began">When the key was typed.</param>
/// <param name="Used">When a person last asked for something; a page that follows by itself does not count.</param>
public readonly record struct TenantSession(DateTimeOffset Began, DateTimeOffset Used)
{
    /// <summary>From the sign-in, however much it is used.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(8);

    /// <summary>Without anybody asking for anything.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromMinutes(30);

    /// <summary>A cookie is written anew at most so often.</summary>
    public static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);

    /// <summary>Instances of the gateway may have clocks that differ by so much.</summary>
    public static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(1);

    /// <summary>When it ends if nobody asks for anything more.</summary>
    public DateTimeOffset Ends => Used + LongestIdle < Began + Longest ? Used + LongestIdle : Began + Longest;

    /// <summary>Whether that somebody used it is worth a new cookie.</summary>
    public bool IsToBeNoted(DateTimeOffset now) => now - Used >= NotedEvery;

    /// <summary>Whether it may look at this moment.</summary>
    /// <param name="hasKey">The key it was begun with is still good.</param>
    /// <param name="signedOutAt">Sessions of that key that were begun until then were ended; null: none was.</param>
    public SessionStanding Judge(bool hasKey, DateTimeOffset? signedOutAt, DateTimeOffset now) =>
        !hasKey ? SessionStanding.KeyGone
        : Began > now + ClockDifference || Used > now + ClockDifference || Used < Began ? SessionStanding.Nonsense
        : signedOutAt >= Began ? SessionStanding.SignedOut
        : now - Began >= Longest ? SessionStanding.Over
        : now - Used >= LongestIdle ? SessionStanding.Idle
        : SessionStanding.Good;

    /// <summary>Up to when sessions are ended by a sign-out: this one is among them, also where another instance's clock was ahead.</summary>
    public DateTimeOffset SignOutAt(DateTimeOffset now) => now > Began ? now : Began;
}
