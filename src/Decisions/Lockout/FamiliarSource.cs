using System.Collections.Immutable;

namespace Passthrough.Decisions.Lockout;

/// <summary>A network or a device from which somebody signed in to the account.</summary>
/// <param name="Fingerprint">One of <see cref="ClientSource.Fingerprints"/>.</param>
/// <param name="SeenAt">A recent success from there; up to a tenth of <see cref="LockoutPolicy.SourceMemory"/> older than the
/// last, so that signing in every day is not written down every day.</param>
public readonly record struct FamiliarSource(ulong Fingerprint, DateTimeOffset SeenAt)
{
    /// <summary>How many are kept of an account: the one with the oldest success is dropped for a new one.</summary>
    public const int MaxKept = 20;

    private const int RefreshFraction = 10;

    public bool IsRemembered(DateTimeOffset now, LockoutPolicy policy) => SeenAt + policy.SourceMemory > now;

    /// <summary>What a success adds to <paramref name="known"/>: fingerprints that are not in it, or in it for so long that
    /// they must be written anew to stay.</summary>
    public static IEnumerable<ulong> News(
        ImmutableArray<FamiliarSource> known, ClientSource source, DateTimeOffset now, LockoutPolicy policy) =>
        source.Fingerprints().Where(fingerprint =>
            !known.Any(one => one.Fingerprint == fingerprint && one.SeenAt + (policy.SourceMemory / RefreshFraction) > now));

    /// <summary>With one more, the least recent first.</summary>
    public static ImmutableArray<FamiliarSource> Add(ImmutableArray<FamiliarSource> known, FamiliarSource seen)
    {
        var others = known.RemoveAll(one => one.Fingerprint == seen.Fingerprint);
        return [.. others.Skip(others.Length + 1 - MaxKept), seen];
    }
}
