using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories;

namespace Passthrough.Lab.Tests.Directories;

[Trait("needs", "lab"), Collection("lab")]
public sealed class LookupTests : IDisposable
{
    private readonly DirectoryLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("alice@corp.example"), InlineData("ALICE@Corp.Example"), InlineData("  alice@corp.example  ")]
    [InlineData("alice@CORP"), InlineData("CORP\\alice"), InlineData("corp\\Alice"), InlineData("Alice")]
    public async Task Every_spelling_of_an_account_leads_to_its_one_identity(string typed)
    {
        await using var directory = DirectoryLab.Open(_lab.Options("corp.example", DirectoryLab.Dc1, DirectoryLab.Dc2));
        var found = await FindAsync<LookupReply.Found>(directory, typed);
        var plain = await FindAsync<LookupReply.Found>(directory, "alice@corp.example");
        Assert.Equal(plain.Account.ObjectGuid, found.Account.ObjectGuid);
        Assert.NotEqual(Guid.Empty, found.Account.ObjectGuid);
        using var password = DirectoryLab.Password("Passw0rd-1234");
        Assert.Equal(Verdict.Success, (await directory.BindAsync(found.Account, password, DirectoryLab.In(20))).Verdict);
    }

    [Fact]
    public async Task An_explicit_name_and_the_implicit_one_of_the_same_account_are_one()
    {
        await using var directory = DirectoryLab.Open(_lab.Options("corp.example", DirectoryLab.Dc1));
        var guids = new HashSet<Guid>();
        foreach (var typed in new[] { "nina.smith@corp.example", "nina.s@corp.example", "CORP\\nina.s", "nina.s@corp" })
        {
            guids.Add((await FindAsync<LookupReply.Found>(directory, typed)).Account.ObjectGuid);
        }

        Assert.Single(guids);
    }

    [Theory]
    [InlineData("penny.lane@contoso.com", true), InlineData("PENNY.LANE@Contoso.Com.", true), InlineData("penny@corp.example", true)]
    [InlineData("Penny@CORP", true), InlineData("CORP\\penny", true), InlineData(" corp \\ PENNY ", true)]
    [InlineData("p.lane@altmail.example", false), InlineData("P.Lane@AltMail.example", false), InlineData("penny.lane@corp.example", false)]
    public async Task Every_form_of_a_name_leads_to_one_account_and_its_verdict(string typed, bool isName)
    {
        var options = WithAlternateIds();
        await using var directory = DirectoryLab.Open(options);
        using var accounts = new RememberedAccounts(directory, TimeProvider.System, NullLogger<RememberedAccounts>.Instance);
        var penny = (await FindAsync<LookupReply.Found>(directory, "penny@corp.example")).Account;
        foreach (var (text, verdict) in new[] { ("Passw0rd-1234", Verdict.Success), ("wrong", Verdict.BadPassword), ("Passw0rd-1234", Verdict.Success) })
        {
            var found = Assert.IsType<LookupReply.Found>(await accounts.FindAccountAsync(TypedName.TryParse(typed)!, DirectoryLab.In(30)));
            Assert.Equal(penny.ObjectGuid, found.Account.ObjectGuid);
            Assert.NotEqual(0, found.Account.PasswordSetAt);
            using var password = DirectoryLab.Password(text);
            Assert.Equal(verdict, (await accounts.BindAsync(found.Account, password, DirectoryLab.In(30))).Verdict);
        }

        options.AlternateIdAttributes.Clear();
        await using var plain = DirectoryLab.Open(options);
        var without = await plain.FindAccountAsync(TypedName.TryParse(typed)!, DirectoryLab.In(30));
        Assert.Equal(isName, without is LookupReply.Found);
    }

    /// <summary>As the directory takes them for equal: case in every script; not composed and decomposed, not ß and ss, not
    /// full width. Windows folds more: nothing here depends on it.</summary>
    [Theory]
    [InlineData("zoé.straße@corp.example", true), InlineData("ZOÉ.STRAßE@CORP.EXAMPLE", true), InlineData("CORP\\ZOÉ", true)]
    [InlineData("zoé@corp.example", true), InlineData("ZOÉ@altmail.example", true)]
    [InlineData("zoe@corp.example", false), InlineData("zoe\u0301@corp.example", false), InlineData("zoé.strasse@corp.example", false)]
    [InlineData("ｚｏé@corp.example", false), InlineData("zoé.straẞe@corp.example", false)]
    public async Task Names_are_equal_as_the_directory_has_it(string typed, bool isZoe)
    {
        await using var directory = DirectoryLab.Open(WithAlternateIds());
        var reply = await directory.FindAccountAsync(TypedName.TryParse(typed)!, DirectoryLab.In(30));
        Assert.Equal(isZoe, reply is LookupReply.Found);
        if (reply is LookupReply.Found found)
        {
            Assert.Equal((await FindAsync<LookupReply.Found>(directory, "zoé@corp.example")).Account.ObjectGuid, found.Account.ObjectGuid);
            using var password = DirectoryLab.Password("Passw0rd-1234");
            Assert.Equal(Verdict.Success, (await directory.BindAsync(found.Account, password, DirectoryLab.In(30))).Verdict);
        }
    }

    [Fact]
    public async Task An_address_of_two_accounts_signs_neither_in()
    {
        await using var directory = DirectoryLab.Open(WithAlternateIds());
        Assert.Equal(Verdict.AmbiguousRoute, (await FindAsync<LookupReply.NotFound>(directory, "office@altmail.example")).Why);
    }

    [Theory]
    [InlineData("nobody@corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("alice@contoso.com", Verdict.UserNotFoundInForest)]
    [InlineData("*@corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("DC1$@corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("alice@fabrikam.test", Verdict.NoRouteForSuffix)]
    [InlineData("ivan@sub.contoso.com", Verdict.UserNotFoundInForest)]
    [InlineData("corp.example\\alice", Verdict.NoRouteForSuffix)]
    [InlineData("nobody", Verdict.UserNotFoundInForest)]
    public async Task A_name_that_leads_to_no_account_says_why(string typed, Verdict why)
    {
        await using var directory = DirectoryLab.Open(_lab.Options("corp.example", DirectoryLab.Dc1));
        Assert.Equal(why, (await FindAsync<LookupReply.NotFound>(directory, typed)).Why);
    }

    [Fact]
    public async Task A_name_in_both_forests_is_in_each_forest_its_own_account()
    {
        await using var corp = DirectoryLab.Open(_lab.Options("corp.example", DirectoryLab.Dc1));
        await using var fabrikam = DirectoryLab.Open(_lab.Options("fabrikam.test", DirectoryLab.Fab1));
        var ours = await FindAsync<LookupReply.Found>(corp, "twin@shared.example");
        var theirs = await FindAsync<LookupReply.Found>(fabrikam, "twin@shared.example");
        Assert.NotEqual(ours.Account.ObjectGuid, theirs.Account.ObjectGuid);
    }

    [Fact]
    public async Task Controllers_are_found_in_DNS()
    {
        await using var directory = DirectoryLab.Open(_lab.Options("corp.example"));
        var check = await directory.CheckAsync(DirectoryLab.In(30));
        Assert.Null(check.Fault);
        Assert.Equal([$"{DirectoryLab.Dc1}: ready", $"{DirectoryLab.Dc2}: ready"], check.DomainControllers);
    }

    [Fact]
    public async Task A_sign_in_right_after_the_start_waits_for_DNS()
    {
        await using var directory = DirectoryLab.Open(_lab.Options("corp.example"));
        await FindAsync<LookupReply.Found>(directory, "alice@corp.example");
    }

    [Fact]
    public async Task A_forest_that_DNS_does_not_know_is_a_fault_in_one_line()
    {
        var options = _lab.Options("corp.example");
        options.Name = "nowhere.example";
        await using var directory = DirectoryLab.Open(options);
        var fault = (await directory.CheckAsync(DirectoryLab.In(30))).Fault;
        Assert.StartsWith("forest nowhere.example: no domain controller found", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault!);
        Assert.Equal(Verdict.NoDomainController, (await FindAsync<LookupReply.NoVerdict>(directory, "alice@nowhere.example")).Why);
    }

    [Fact]
    public async Task A_wrong_password_reaches_one_controller_once()
    {
        await using var directory = DirectoryLab.Open(_lab.Options("corp.example", DirectoryLab.Dc1, DirectoryLab.Dc2));
        var found = await FindAsync<LookupReply.Found>(directory, "load0048@corp.example");
        var before = await BadPasswordCount.OfAsync("load0048");
        using var password = DirectoryLab.Password("wrong");
        var reply = await directory.BindAsync(found.Account, password, DirectoryLab.In(20));
        Assert.Equal(Verdict.BadPassword, reply.Verdict);
        Assert.Equal(before + 1, await BadPasswordCount.OfAsync("load0048"));
    }

    private ForestOptions WithAlternateIds()
    {
        var options = _lab.Options("corp.example", DirectoryLab.Dc1);
        options.AlternateIdAttributes.Add("mail");
        options.AlternateIdAttributes.Add("proxyAddresses");
        return options;
    }

    private static async Task<T> FindAsync<T>(ForestDirectory directory, string typed)
        where T : LookupReply =>
        Assert.IsType<T>(await directory.FindAccountAsync(TypedName.TryParse(typed)!, DirectoryLab.In(30)));
}
