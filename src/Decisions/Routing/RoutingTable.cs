using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;

namespace Passthrough.Decisions.Routing;

/// <summary>Which forest a suffix belongs to. Immutable; answers without allocating. The rules are those of a domain controller
/// (MS-ADTS 6.1.6.9.3, MS-LSAD 3.1.4.7.16.1), by whole DNS labels.</summary>
public sealed class RoutingTable
{
    private readonly FrozenDictionary<string, Entry> _dnsNames;
    private readonly FrozenDictionary<string, Entry> _netBiosNames;

    internal RoutingTable(IEnumerable<Entry> dnsNames, IEnumerable<Entry> netBiosNames, ImmutableArray<string> notes)
    {
        _dnsNames = dnsNames.ToFrozenDictionary(entry => entry.Name, StringComparer.OrdinalIgnoreCase);
        _netBiosNames = netBiosNames.ToFrozenDictionary(entry => entry.Name, StringComparer.OrdinalIgnoreCase);
        Notes = notes;
    }

    /// <summary>What an operator should know: conflicts, what is disabled, what was left out and why. One line each.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <param name="suffix">As typed, without surrounding spaces and trailing dot.</param>
    public Route Find(ReadOnlySpan<char> suffix)
    {
        // What is not ASCII has no entry; asked first, so that no case folding of other scripts can make it look like one.
        if (suffix.IsEmpty || suffix.Length > NameSuffix.MaxLength || !Ascii.IsValid(suffix))
        {
            return default;
        }

        var netBiosNames = _netBiosNames.GetAlternateLookup<ReadOnlySpan<char>>();
        var best = netBiosNames.TryGetValue(suffix, out var exact) ? Choose(exact, suffix) : default;
        if (best.Outcome is RouteOutcome.Routed or RouteOutcome.Conflict)
        {
            return best;
        }

        var dnsNames = _dnsNames.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var rest = suffix; !rest.IsEmpty; rest = Parent(rest))
        {
            if (!dnsNames.TryGetValue(rest, out var entry))
            {
                continue;
            }

            var route = Choose(entry, suffix);
            if (route.Outcome is RouteOutcome.Routed or RouteOutcome.Conflict)
            {
                return route;
            }

            best = best.Outcome == RouteOutcome.NoMatch ? route : best;
        }

        return best;
    }

    private static ReadOnlySpan<char> Parent(ReadOnlySpan<char> name) =>
        name.IndexOf('.') is >= 0 and var dot ? name[(dot + 1)..] : default;

    private Route Choose(Entry entry, ReadOnlySpan<char> suffix)
    {
        var answer = default(Route);
        foreach (var claim in entry.Claims)
        {
            var outcome = claim.WhyDisabled.Length > 0 ? RouteOutcome.Disabled
                : IsExcluded(claim.Forest, suffix) ? RouteOutcome.Excluded
                : RouteOutcome.Routed;
            if (outcome == RouteOutcome.Routed && answer.Outcome == RouteOutcome.Routed && answer.Claim!.Forest != claim.Forest)
            {
                return new Route(RouteOutcome.Conflict, claim);
            }

            if (outcome == RouteOutcome.Routed ? answer.Outcome != RouteOutcome.Routed : answer.Outcome == RouteOutcome.NoMatch)
            {
                answer = new Route(outcome, claim);
            }
        }

        return answer.Outcome == RouteOutcome.Routed ? answer with { Domain = DomainOf(answer.Claim!, suffix) } : answer;
    }

    /// <summary>An exclusion takes the whole forest out for the names at and under it.</summary>
    private bool IsExcluded(string forest, ReadOnlySpan<char> suffix)
    {
        var dnsNames = _dnsNames.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var rest = suffix; !rest.IsEmpty; rest = Parent(rest))
        {
            if (dnsNames.TryGetValue(rest, out var entry) && entry.Excludes.Contains(forest))
            {
                return true;
            }
        }

        return false;
    }

    private string? DomainOf(RouteClaim claim, ReadOnlySpan<char> suffix)
    {
        if (claim.Rule == RouteRule.NetBiosName)
        {
            return _netBiosNames[claim.Name].DomainOf(claim.Forest);
        }

        var dnsNames = _dnsNames.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var rest = suffix; !rest.IsEmpty; rest = Parent(rest))
        {
            if (dnsNames.TryGetValue(rest, out var entry) && entry.DomainOf(claim.Forest) is { } domain)
            {
                return domain;
            }
        }

        return null;
    }

    /// <summary>All that is known of one name.</summary>
    /// <param name="Excludes">Forests that exclude it.</param>
    /// <param name="Domains">Of which forest it names which domain.</param>
    internal sealed record Entry(
        string Name, ImmutableArray<RouteClaim> Claims, ImmutableArray<string> Excludes, ImmutableArray<(string Forest, string Domain)> Domains)
    {
        public string? DomainOf(string forest)
        {
            foreach (var (of, domain) in Domains)
            {
                if (of == forest)
                {
                    return domain;
                }
            }

            return null;
        }
    }
}
