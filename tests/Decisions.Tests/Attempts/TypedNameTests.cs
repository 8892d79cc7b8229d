using CsCheck;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class TypedNameTests
{
    [Theory]
    [InlineData("alice@corp.example", NameForm.UserPrincipalName, "alice", "corp.example")]
    [InlineData("  alice@corp.example ", NameForm.UserPrincipalName, "alice", "corp.example")]
    [InlineData("alice@corp.example.", NameForm.UserPrincipalName, "alice", "corp.example")]
    [InlineData("alice@CORP", NameForm.UserPrincipalName, "alice", "CORP")]
    [InlineData("a@b@corp.example", NameForm.UserPrincipalName, "a@b", "corp.example")]
    [InlineData(@"CORP\alice", NameForm.DownLevel, "alice", "CORP")]
    [InlineData(@"CORP\alice@corp.example", NameForm.DownLevel, "alice@corp.example", "CORP")]
    [InlineData("alice", NameForm.Bare, "alice", "")]
    public void A_name_is_split_at_its_form(string text, NameForm form, string user, string suffix)
    {
        var name = TypedName.TryParse(text);
        Assert.Equal((text, form, user, suffix), (name!.Text, name.Form, name.User, name.Suffix));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("@corp.example")]
    [InlineData("alice@")]
    [InlineData("alice@ ")]
    [InlineData("alice@.")]
    [InlineData(@"\alice")]
    [InlineData(@"CORP\")]
    [InlineData("alice\0@corp.example")]
    [InlineData("alice\r\n@corp.example")]
    [InlineData("alice\uD800@corp.example")]
    public void What_cannot_name_an_account_is_refused(string text) => Assert.Null(TypedName.TryParse(text));

    [Theory, InlineData(TypedName.MaxLength, true), InlineData(TypedName.MaxLength + 1, false)]
    public void The_length_is_bounded(int length, bool accepted) =>
        Assert.Equal(accepted, TypedName.TryParse(new string('a', length)) is not null);

    [Fact]
    public void No_text_crashes_it_and_the_text_is_kept_as_typed() =>
        Gen.String.Sample(text => TypedName.TryParse(text) is not { } name || name.Text == text);
}
