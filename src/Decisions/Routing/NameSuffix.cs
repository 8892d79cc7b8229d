using System.Collections.Frozen;

namespace Passthrough.Decisions.Routing;

/// <summary>The part of a user name that says where it belongs: a DNS name (a domain or an alternate UPN suffix) or a NetBIOS
/// domain name. ASCII only, any case.</summary>
public static class NameSuffix
{
    /// <summary>Of a DNS name, without a trailing dot (RFC 1035 2.3.4, in text form).</summary>
    public const int MaxLength = 253;

    private const int MaxLabel = 63;
    private const int MaxNetBiosName = 15;

    /// <summary>The one form in which a suffix is stored and compared: lower case, no trailing dot. Null if the text is neither a
    /// DNS name nor a NetBIOS domain name.</summary>
    public static string? Normalise(string text)
    {
        var name = text.Trim().ToLowerInvariant();
        name = name.EndsWith('.') ? name[..^1] : name;
        return IsDnsName(name) || IsNetBiosName(name) ? name : null;
    }

    /// <summary>Whether it is a DNS name of two labels or more; a normalised suffix that is not is a NetBIOS name.</summary>
    public static bool IsDnsName(string name) =>
        name.Length <= MaxLength && name.Contains('.', StringComparison.Ordinal) && Array.TrueForAll(name.Split('.'), IsLabel);

    /// <summary>The entry for <paramref name="suffix"/> itself, else for the longest run of its last labels, two at least: matching
    /// is by whole labels, so <c>evilcorp.example</c> never matches <c>corp.example</c>, and a NetBIOS name matches nothing but
    /// itself. Null if there is none.</summary>
    /// <param name="table">By normalised suffix, with <see cref="StringComparer.OrdinalIgnoreCase"/>.</param>
    /// <param name="suffix">As typed, without surrounding spaces and trailing dot.</param>
    public static T? Match<T>(FrozenDictionary<string, T> table, ReadOnlySpan<char> suffix)
        where T : class
    {
        // What is not ASCII has no entry; asked first, so that no case folding of other scripts can make it look like one.
        if (suffix.Length > MaxLength || !System.Text.Ascii.IsValid(suffix))
        {
            return null;
        }

        var lookup = table.GetAlternateLookup<ReadOnlySpan<char>>();
        lookup.TryGetValue(suffix, out var found);
        while (found is null && suffix.IndexOf('.') is >= 0 and var dot && suffix[(dot + 1)..].Contains('.'))
        {
            suffix = suffix[(dot + 1)..];
            lookup.TryGetValue(suffix, out found);
        }

        return found;
    }

    /// <summary>Whether a DNS name is another, or lies under it by whole labels.</summary>
    public static bool IsAtOrUnder(string name, string subtree) =>
        name.EndsWith(subtree, StringComparison.OrdinalIgnoreCase)
        && (name.Length == subtree.Length || name[name.Length - subtree.Length - 1] == '.');

    /// <summary>Whether one lies at or under the other.</summary>
    public static bool Overlap(string one, string other) => IsAtOrUnder(one, other) || IsAtOrUnder(other, one);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabel && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Without a dot, so that none looks like a DNS name (MS-NRPC allows one in old names; those cannot be configured).</summary>
    private static bool IsNetBiosName(string name) =>
        name.Length is > 0 and <= MaxNetBiosName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '&');
}
