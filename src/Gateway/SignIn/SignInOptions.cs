using Microsoft.Extensions.Options;

namespace Passthrough.Gateway.SignIn;

/// <summary>Section <c>SignIn</c> of the configuration.</summary>
public sealed class SignInOptions
{
    /// <summary>How long a person stays signed in. Default 8 h; 5 min to 24 h.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Sign-ins that one source address (IPv4: the address, IPv6: its /64) may begin at once. Default 30; 1 to 10,000.
    /// Many people behind one address translation need more.</summary>
    public int SourceBurst { get; set; } = 30;

    /// <summary>Sign-ins per minute that a source address may go on with after its burst. Default 30; 1 to 60,000.</summary>
    public int SourcePerMinute { get; set; } = 30;

    /// <summary>A refusal is shown at a multiple of this time after the request came, so that a caller who has not proved the
    /// password learns nothing from how long it took. Default 500 ms; 0 s to 5 s.</summary>
    public TimeSpan RefusalStep { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Validations that one API key may have in flight. Default 512; 1 to 65,535.</summary>
    public int ValidationsInFlightPerKey { get; set; } = 512;
}

/// <summary>Names every fault at once.</summary>
internal sealed class SignInOptionsValidator : IValidateOptions<SignInOptions>
{
    public ValidateOptionsResult Validate(string? name, SignInOptions options)
    {
        var faults = new List<string>();
        Require(nameof(options.SessionLifetime), options.SessionLifetime, TimeSpan.FromMinutes(5), TimeSpan.FromHours(24));
        Require(nameof(options.SourceBurst), options.SourceBurst, 1, 10_000);
        Require(nameof(options.SourcePerMinute), options.SourcePerMinute, 1, 60_000);
        Require(nameof(options.RefusalStep), options.RefusalStep, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Require(nameof(options.ValidationsInFlightPerKey), options.ValidationsInFlightPerKey, 1, 65_535);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Require<T>(string key, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                faults.Add($"SignIn:{key} is {value}; it must be from {least} to {most}");
            }
        }
    }
}
