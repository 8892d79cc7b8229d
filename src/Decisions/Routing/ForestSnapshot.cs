using System.Collections.Immutable;

namespace Passthrough.Decisions.Routing;

/// <summary>The names of one forest as they were at one moment. Immutable; a greater version is a newer one.</summary>
/// <param name="Names">What the directory said, and what a site has configured besides.</param>
/// <param name="Version">0: the names that are configured, before a directory was asked.</param>
/// <param name="ReadAt">When a domain controller said so, by the clock of the node that asked.</param>
/// <param name="ReadFrom">That domain controller; empty for version 0.</param>
public sealed record ForestSnapshot(ForestNames Names, long Version, DateTimeOffset ReadAt, string ReadFrom)
{
    /// <summary>DNS name of the forest, in lower case.</summary>
    public string Forest => Names.Name;

    public ImmutableArray<DomainNames> Domains => Names.Domains;

    public ImmutableArray<string> UpnSuffixes => Names.UpnSuffixes;

    /// <summary>Before a directory was asked: what a site says of its forest.</summary>
    /// <param name="forest">DNS name of the forest's root domain.</param>
    /// <param name="netBiosName">Of that domain; empty: unknown.</param>
    public static ForestSnapshot Configured(string forest, string netBiosName, IEnumerable<string> suffixes)
    {
        var domain = new DomainNames(Normal(forest), netBiosName.Length > 0 ? Normal(netBiosName) : "");
        var names = new ForestNames(domain.DnsName, [domain], Normalised(suffixes), []);
        return new ForestSnapshot(
            names with { Configured = [domain.DnsName, domain.NetBiosName, .. names.UpnSuffixes] }, 0, DateTimeOffset.MinValue, "");
    }

    /// <summary>With the suffixes that a site has configured besides: a userPrincipalName may have a suffix that no directory
    /// lists.</summary>
    public ForestSnapshot With(IEnumerable<string> configuredSuffixes)
    {
        ImmutableArray<string> added = [.. Normalised(configuredSuffixes).Except(Names.UpnSuffixes)];
        return this with { Names = Names with { UpnSuffixes = Names.UpnSuffixes.AddRange(added), Configured = added } };
    }

    /// <summary>The version of what is read next: greater than any that a node has, also after the one that counted has died. By the
    /// clock, so that two that have never heard of each other do not give one number to different names.</summary>
    /// <param name="seen">The greatest that is known.</param>
    public static long NextVersion(long seen, DateTimeOffset now) => Math.Max(seen + 1, now.ToUnixTimeMilliseconds());

    private static ImmutableArray<string> Normalised(IEnumerable<string> suffixes) =>
        [.. suffixes.Select(NameSuffix.Normalise).OfType<string>().Distinct()];

    private static string Normal(string name) =>
        NameSuffix.Normalise(name) ?? throw new ArgumentException($"'{name}' is no name of a domain", nameof(name));
}
