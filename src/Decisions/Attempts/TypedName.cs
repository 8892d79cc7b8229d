using System.Text;

namespace Passthrough.Decisions.Attempts;

/// <summary>A user name as typed, split at its form. The text stays exactly as it was typed: it is bound into the sealed
/// envelope. <see cref="Suffix"/> is what routing looks at.</summary>
public sealed record TypedName
{
    /// <summary>The longest name that is accepted, in UTF-16 units. A userPrincipalName may have 1,024 (MS-ADA3 2.350), but
    /// 64 for the user part, 1 for the sign and 255 for a DNS name (RFC 1035 2.3.4) is what can be routed.</summary>
    public const int MaxLength = 320;

    private TypedName(string text, NameForm form, string user, string suffix) =>
        (Text, Form, User, Suffix) = (text, form, user, suffix);

    public string Text { get; }

    public NameForm Form { get; }

    /// <summary>The part that names the account within its domain, without surrounding spaces.</summary>
    public string User { get; }

    /// <summary>The UPN suffix or the NetBIOS domain name; empty for a bare name. Without surrounding spaces and one
    /// trailing dot.</summary>
    public string Suffix { get; }

    /// <summary>Reads <c>user@suffix</c> (the last @ counts: a user part may hold one), <c>DOMAIN\user</c> or a bare name.
    /// Null if it is empty, too long, not Unicode, or holds a control character: then nothing is looked up.</summary>
    public static TypedName? TryParse(string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxLength || !IsPrintable(text))
        {
            return null;
        }

        var trimmed = text.Trim();
        var slash = trimmed.IndexOf('\\', StringComparison.Ordinal);
        var at = trimmed.LastIndexOf('@');
        var (form, user, suffix) =
            slash >= 0 ? (NameForm.DownLevel, trimmed[(slash + 1)..], trimmed[..slash])
            : at >= 0 ? (NameForm.UserPrincipalName, trimmed[..at], trimmed[(at + 1)..])
            : (NameForm.Bare, trimmed, "");
        user = user.Trim();
        suffix = suffix.Trim();
        suffix = suffix.EndsWith('.') ? suffix[..^1] : suffix;
        return user.Length == 0 || (form != NameForm.Bare && suffix.Length == 0) ? null : new TypedName(text, form, user, suffix);
    }

    /// <summary>The text as typed: a user name is not a secret, but it is personal; logs use the account's pseudonym.</summary>
    public override string ToString() => Text;

    private static bool IsPrintable(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // A lone surrogate is enumerated as the replacement character.
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The forms a typed name can have.</summary>
public enum NameForm
{
    /// <summary><c>user@suffix</c>; the suffix may be a DNS domain name, an alternate UPN suffix or a NetBIOS name.</summary>
    UserPrincipalName,

    /// <summary><c>DOMAIN\user</c>.</summary>
    DownLevel,

    /// <summary>No domain is named.</summary>
    Bare,
}
