using CsCheck;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class CanonicalNameTests
{
    private const string Forest = "corp.example", NetBios = "CORP";

    [Theory]
    [InlineData("alice@corp.example", "ALICE@Corp.Example", true)]
    [InlineData("alice@corp.example", "  alice @ corp.example. ", true)]
    [InlineData(@"CORP\alice", @"corp\Alice", true)]
    [InlineData("rené@corp.example", "René@corp.example", true)]
    [InlineData("alice@corp.example", "alice@corp.example..", false)]
    [InlineData("alice@corp.example", "alice@corp", false)]
    [InlineData("alice@corp", @"corp\alice", false)]
    [InlineData("alice@corp.example", "al ice@corp.example", false)]
    [InlineData("rené@corp.example", "RENÉ@corp.example", false)]
    [InlineData("rené@corp.example", "rene\u0301@corp.example", false)]
    [InlineData("rené@corp.example", "rene@corp.example", false)]
    [InlineData("straße@corp.example", "strasse@corp.example", false)]
    [InlineData("kim@corp.example", "\u212Aim@corp.example", false)] // The sign for Kelvin, whose lower case is k.
    [InlineData("ilker@corp.example", "ılker@corp.example", false)]
    [InlineData("wide@corp.example", "ｗｉｄｅ@corp.example", false)]
    public void What_is_remembered_is_filed_under_what_no_directory_tells_apart(string one, string other, bool same) =>
        Assert.Equal(same, Memory(one) == Memory(other));

    [Fact]
    public void An_alternate_ID_may_be_one_that_has_case()
    {
        Assert.NotEqual(Memory("bob@x.example", true), Memory("Bob@x.example", true));
        Assert.Equal(Memory("bob@x.example", true), Memory(" bob@X.EXAMPLE. ", true));
    }

    [Fact]
    public void Names_with_one_memory_differ_in_the_case_of_ASCII_letters_at_most() =>
        Gen.Select(Names, Names).Sample((one, other) =>
            CanonicalName.ForMemory(one, false) != CanonicalName.ForMemory(other, false)
            || (one.Form == other.Form && IsSameButAsciiCase(one.User, other.User) && IsSameButAsciiCase(one.Suffix, other.Suffix)));

    [Theory]
    [InlineData("nobody@corp.example", "NOBODY@Corp.Example.", true)]
    [InlineData("nobody@corp.example", "nobody@CORP", true)]
    [InlineData("nobody@corp.example", @"corp\Nobody", true)]
    [InlineData("rené@corp.example", "RENÉ@corp.example", true)]
    [InlineData("σας@corp.example", "ΣΑΣ@corp.example", true)]
    [InlineData("nobody@corp.example", "nobody@contoso.com", false)]
    [InlineData("nobody@corp.example", "no.body@corp.example", false)]
    [InlineData("nobody@corp.example", "nobody", false)]
    public void A_name_of_nobody_is_counted_with_its_spellings(string one, string other, bool same) =>
        Assert.Equal(same, Counting(one) == Counting(other));

    [Fact]
    public void What_is_remembered_as_one_is_counted_as_one() =>
        Gen.Select(Names, Names).Sample((one, other) =>
            CanonicalName.ForMemory(one, false) != CanonicalName.ForMemory(other, false)
            || CanonicalName.ForCounting(one, Forest, NetBios) == CanonicalName.ForCounting(other, Forest, NetBios));

    /// <summary>Few letters, so that equal names come up.</summary>
    private static Gen<TypedName> Names { get; } =
        Gen.String[Gen.Char["aAéÉßıIK\u212A .@\\c"], 1, 6].Select(TypedName.TryParse).Where(name => name is not null).Select(name => name!);

    private static bool IsSameButAsciiCase(string one, string other) =>
        one.Length == other.Length && one.Zip(other).All(pair =>
            pair.First == pair.Second
            || (char.IsAsciiLetter(pair.First) && char.IsAsciiLetter(pair.Second) && (pair.First | 0x20) == (pair.Second | 0x20)));

    private static string Memory(string text, bool hasAlternateId = false) =>
        CanonicalName.ForMemory(TypedName.TryParse(text)!, hasAlternateId);

    private static string Counting(string text) => CanonicalName.ForCounting(TypedName.TryParse(text)!, Forest, NetBios);
}
