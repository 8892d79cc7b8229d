using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Passthrough.Decisions.Routing;

/// <summary>What may stand behind the @ or before the backslash in the names of one forest's accounts. Before its directory has
/// been asked: what is configured. After that the directory is believed about its domains, NetBIOS names included, and about its
/// UPN suffixes; configured suffixes stay. Immutable.</summary>
public sealed class AcceptedNames
{
    private readonly ImmutableArray<string> _configured;
    private readonly FrozenDictionary<string, SuffixMeaning> _meanings;

    private readonly FrozenSet<string> _domains;

    private AcceptedNames(string forest, ImmutableArray<DomainNames> domains, ImmutableArray<string> configured, IEnumerable<string> suffixes)
    {
        (Forest, Domains, _configured) = (forest, domains, configured);
        var meanings = new Dictionary<string, SuffixMeaning>(StringComparer.OrdinalIgnoreCase);
        foreach (var domain in domains)
        {
            meanings.TryAdd(domain.DnsName, new SuffixMeaning(SuffixKind.DnsName, domain.DnsName));
        }

        foreach (var domain in domains.Where(domain => domain.NetBiosName.Length > 0))
        {
            meanings.TryAdd(domain.NetBiosName, new SuffixMeaning(SuffixKind.NetBiosName, domain.DnsName));
        }

        foreach (var suffix in suffixes.Concat(configured))
        {
            meanings.TryAdd(suffix, SuffixMeaning.OfSuffix);
        }

        _meanings = meanings.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _domains = domains.Select(domain => domain.DnsName).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>DNS name of the root domain.</summary>
    public string Forest { get; }

    /// <summary>All domains, the root first.</summary>
    public ImmutableArray<DomainNames> Domains { get; }

    /// <summary>NetBIOS name of the root domain; empty: none is known.</summary>
    public string NetBiosName => Domains[0].NetBiosName;

    /// <summary>Its DNS name as it stands in <see cref="Domains"/>.</summary>
    public string RootDomain => Domains[0].DnsName;

    /// <param name="forest">DNS name of the root domain.</param>
    /// <param name="netBiosName">Its NetBIOS name, or empty.</param>
    /// <param name="suffixes">UPN suffixes besides it.</param>
    public static AcceptedNames Configured(string forest, string netBiosName, IEnumerable<string> suffixes) =>
        new(forest, [new DomainNames(forest, netBiosName)], [.. suffixes], []);

    /// <summary>The names with what the directory says; what it said before is forgotten.</summary>
    /// <exception cref="ArgumentException">They are another forest's.</exception>
    public AcceptedNames With(ForestNames known)
    {
        if (!known.Name.Equals(Forest, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"the names are those of {known.Name}, not of {Forest}", nameof(known));
        }

        var root = known.Domains.FirstOrDefault(IsRoot) ?? Domains[0];
        return new(Forest, [root, .. known.Domains.Where(domain => !IsRoot(domain))], _configured, known.UpnSuffixes);

        bool IsRoot(DomainNames domain) => domain.DnsName.Equals(Forest, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What a suffix means here. A name under one that is accepted, by whole labels, is a UPN suffix, as routing has
    /// it.</summary>
    /// <param name="suffix">As typed, without surrounding spaces and trailing dot.</param>
    public SuffixMeaning Find(string suffix)
    {
        if (_meanings.TryGetValue(suffix, out var meaning))
        {
            return meaning;
        }

        var names = _meanings.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var rest = suffix.AsSpan(); rest.IndexOf('.') is >= 0 and var dot;)
        {
            rest = rest[(dot + 1)..];
            if (names.TryGetValue(rest, out var parent) && parent.Kind != SuffixKind.NetBiosName)
            {
                return SuffixMeaning.OfSuffix;
            }
        }

        return default;
    }

    /// <summary>DNS name of the domain to which a host belongs by its own name, by whole labels: of a child domain's host the
    /// child. Null if it is under none.</summary>
    public string? DomainOfHost(string host)
    {
        var domains = _domains.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var rest = host.AsSpan(); rest.IndexOf('.') is >= 0 and var dot;)
        {
            rest = rest[(dot + 1)..];
            if (domains.TryGetValue(rest, out var domain))
            {
                return domain;
            }
        }

        return null;
    }

    /// <summary>DNS name of the domain in which a distinguished name lies, by the DC parts at its end (RFC 2247). Null if it is none
    /// of this forest's.</summary>
    public string? DomainOfEntry(string distinguishedName)
    {
        string? found = null;
        var (name, end) = ("", distinguishedName.Length);
        while (end > 0 && name.Length <= NameSuffix.MaxLength)
        {
            var comma = end;
            do
            {
                comma = comma == 0 ? -1 : distinguishedName.LastIndexOf(',', comma - 1);
            }
            while (comma > 0 && IsEscaped(distinguishedName, comma));

            var part = distinguishedName.AsSpan(comma + 1, end - comma - 1).Trim();
            if (!part.StartsWith("DC=", StringComparison.OrdinalIgnoreCase))
            {
                break;
            }

            name = name.Length == 0 ? $"{part[3..]}" : $"{part[3..]}.{name}";
            found = _domains.TryGetValue(name, out var domain) ? domain : found;
            end = comma;
        }

        return found;
    }

    private static bool IsEscaped(string text, int at)
    {
        var slashes = 0;
        while (at - slashes > 0 && text[at - slashes - 1] == '\\')
        {
            slashes++;
        }

        return slashes % 2 == 1;
    }
}

/// <summary>What a suffix means in one forest.</summary>
/// <param name="Domain">DNS name of the domain that it names; empty for a UPN suffix, which accounts of every domain may have.</param>
public readonly record struct SuffixMeaning(SuffixKind Kind, string Domain)
{
    /// <summary>A UPN suffix.</summary>
    public static readonly SuffixMeaning OfSuffix = new(SuffixKind.UpnSuffix, "");
}

/// <summary>The kinds of suffix.</summary>
public enum SuffixKind
{
    /// <summary>None of this forest's.</summary>
    Foreign,

    /// <summary>A domain's DNS name.</summary>
    DnsName,

    /// <summary>A domain's NetBIOS name.</summary>
    NetBiosName,

    /// <summary>A UPN suffix, or a name under an accepted one.</summary>
    UpnSuffix,
}
