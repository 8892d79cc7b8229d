using CsCheck;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;

namespace Passthrough.Decisions.Tests.Attempts;

public class CanonicalNameTests
{
    private static readonly AcceptedNames Configured = AcceptedNames.Configured("corp.example", "CORP", ["contoso.com"]);

    private static readonly AcceptedNames Known = AcceptedNames.Configured("corp.example", "", []).With(new ForestNames(
        "corp.example", [new DomainNames("corp.example", "corp"), new DomainNames("emea.corp.example", "emea"), new DomainNames("tree.test", "woods")],
        ["contoso.com"], []));

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
    [InlineData("nobody@corp.example..", "nobody@corp.example", false)]
    public void A_name_of_nobody_is_counted_with_its_spellings(string one, string other, bool same)
    {
        Assert.Equal(same, Counting(one, Configured) == Counting(other, Configured));
        Assert.Equal(same, Counting(one, Known) == Counting(other, Known));
    }

    [Theory]
    [InlineData("nobody@emea.corp.example", "nobody@EMEA", true)]
    [InlineData("nobody@Emea.Corp.Example", @"emea\Nobody", true)]
    [InlineData("nobody@tree.test", @"WOODS\nobody", true)]
    [InlineData("nobody@emea.corp.example", "nobody@corp.example", false)]
    [InlineData(@"EMEA\nobody", @"CORP\nobody", false)]
    [InlineData("nobody@tree.test", "nobody@tree", false)]
    [InlineData("nobody@x.emea.corp.example", "nobody@emea.corp.example", false)]
    public void So_is_one_of_every_domain_that_the_directory_has(string one, string other, bool same) =>
        Assert.Equal(same, Counting(one, Known) == Counting(other, Known));

    [Fact]
    public void What_is_remembered_as_one_is_counted_as_one() =>
        Gen.Select(Names, Names).Sample((one, other) =>
            CanonicalName.ForMemory(one, false) != CanonicalName.ForMemory(other, false)
            || CanonicalName.ForCounting(one, Known) == CanonicalName.ForCounting(other, Known));

    /// <summary>Few letters, so that equal names come up.</summary>
    private static Gen<TypedName> Names { get; } =
        Gen.String[Gen.Char["aAéÉßıIK\u212A .@\\c"], 1, 6].Select(TypedName.TryParse).Where(name => name is not null).Select(name => name!);

    private static bool IsSameButAsciiCase(string one, string other) =>
        one.Length == other.Length && one.Zip(other).All(pair =>
            pair.First == pair.Second
            || (char.IsAsciiLetter(pair.First) && char.IsAsciiLetter(pair.Second) && (pair.First | 0x20) == (pair.Second | 0x20)));

    private static string Memory(string text, bool hasAlternateId = false) =>
        CanonicalName.ForMemory(TypedName.TryParse(text)!, hasAlternateId);

    private static string Counting(string text, AcceptedNames names) => CanonicalName.ForCounting(TypedName.TryParse(text)!, names);
}
