using Passthrough.Decisions.Routing;

namespace Passthrough.Decisions.Attempts;

/// <summary>Typed names made comparable. Which names mean one account is for the directory to say, by its own comparison: every
/// name is looked up, and an account is counted by its objectGUID. These forms serve only what is known before the directory
/// has answered, or when it knows no account.</summary>
public static class CanonicalName
{
    /// <summary>Equal only for names that every directory takes for one: spaces around the parts, the trailing dot and the
    /// case of ASCII letters are gone, nothing else. What a remembered answer is filed under, so to fold too little costs a
    /// search, and to fold too much would give one person's account to another: beyond ASCII, directories differ (Windows
    /// takes é for e, Samba does not).</summary>
    /// <param name="hasAlternateId">The user part keeps its case: an attribute that serves as alternate ID may be one that
    /// the directory compares by case.</param>
    public static string ForMemory(TypedName name, bool hasAlternateId) =>
        $"{(int)name.Form}{name.Suffix.ToLowerAscii()}\n{(hasAlternateId ? name.User : name.User.ToLowerAscii())}";

    /// <summary>The one form of a name that leads to no account: what it is counted under. The spellings of a name in one of
    /// the forest's domains are one, as they would be if there were an account; case is gone in every script. To fold too much
    /// would cost nobody anything, to fold too little gives a name that leads nowhere another budget.</summary>
    /// <param name="names">What the forest's names end in, as is known now.</param>
    public static string ForCounting(TypedName name, AcceptedNames names) =>
        $"{name.User}@{(names.Find(name.Suffix).Domain is { Length: > 0 } domain ? domain : name.Suffix)}".ToUpperInvariant();

    private static string ToLowerAscii(this string text) =>
        string.Create(text.Length, text, static (lower, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                lower[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
            }
        });
}
