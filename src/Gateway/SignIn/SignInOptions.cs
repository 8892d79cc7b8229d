namespace Passthrough.Gateway.SignIn;

/// <summary>Section <c>SignIn</c> of the configuration.</summary>
public sealed class SignInOptions
{
    /// <summary>How long a person stays signed in. Default 8 h; 5 min to 24 h.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Sign-ins that one source address (IPv4: the address, IPv6: its /64) may begin at once. Default 100; 1 to 10,000.
    /// Many people behind one address translation need more.</summary>
    public int SourceBurst { get; set; } = 100;

    /// <summary>Sign-ins per minute that a source address may go on with after its burst. Default 60; 1 to 60,000.</summary>
    public int SourcePerMinute { get; set; } = 60;

    /// <summary>A refusal is shown at a multiple of this time after the request came, so that a caller who has not proved the
    /// password learns nothing from how long it took. Default 500 ms; 0 s to 5 s.</summary>
    public TimeSpan RefusalStep { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Validations that one API key may have in flight. Default 512; 1 to 65,535.</summary>
    public int ValidationsInFlightPerKey { get; set; } = 512;
}

/// <summary>The ranges of <see cref="SignInOptions"/>.</summary>
internal static class SignInOptionsValidator
{
    /// <summary>Every fault at once, each one line.</summary>
    public static IEnumerable<string> Faults(SignInOptions options) =>
    [
        .. Range(nameof(options.SessionLifetime), options.SessionLifetime, TimeSpan.FromMinutes(5), TimeSpan.FromHours(24)),
        .. Range(nameof(options.SourceBurst), options.SourceBurst, 1, 10_000),
        .. Range(nameof(options.SourcePerMinute), options.SourcePerMinute, 1, 60_000),
        .. Range(nameof(options.RefusalStep), options.RefusalStep, TimeSpan.Zero, TimeSpan.FromSeconds(5)),
        .. Range(nameof(options.ValidationsInFlightPerKey), options.ValidationsInFlightPerKey, 1, 65_535),
    ];

    private static string[] Range<T>(string key, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) < 0 || value.CompareTo(most) > 0 ? [$"SignIn:{key} is {value}: must be {least} to {most}"] : [];
}
