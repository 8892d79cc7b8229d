using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Slapd;

/// <summary>Against a real LDAP server that is not ours.</summary>
public sealed class SlapdTests(SlapdServer slapd) : IClassFixture<SlapdServer>
{
    [Theory]
    [InlineData("(objectClass=*)")]
    [InlineData("(userPrincipalName=person7@corp.example)")]
    [InlineData("(&(sAMAccountType=805306368)(|(userPrincipalName=twin@corp.example)(sAMAccountName=twin)))")]
    [InlineData("(sAMAccountName=zoë)")]
    [InlineData("(sAMAccountName=nobody)")]
    [InlineData(@"(sAMAccountName=st\2ar)")]
    public async Task A_search_finds_what_ldapsearch_finds(string filter)
    {
        await using var connection = await slapd.ConnectAsync();
        using var password = Peer.Password(SlapdServer.AdministratorPassword);
        Assert.True((await connection.BindAsync(SlapdServer.Administrator, password, Peer.Soon)).IsSuccess);
        var reply = await connection.SearchAsync(
            new SearchRequest(SlapdServer.Base, SearchScope.Subtree, Parsed(filter), ["1.1"], 1_000, TimeSpan.FromSeconds(20)),
            Peer.Soon);
        Assert.True(reply.Result.IsSuccess);
        var expected = slapd.LdapSearch(filter);
        Assert.Equal(filter.Contains("nobody", StringComparison.Ordinal), expected.Count == 0);
        Assert.Equal(expected, reply.Entries.Select(each => each.DistinguishedName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_size_limit_is_told_to_the_server()
    {
        await using var connection = await BoundAsync();
        var reply = await connection.SearchAsync(
            new SearchRequest(SlapdServer.Base, SearchScope.Subtree, LdapFilter.Present("cn"), [], 2, TimeSpan.FromSeconds(20)), Peer.Soon);
        Assert.Equal((LdapResult.SizeLimitExceeded, 2), (reply.Result.Code, reply.Entries.Count));
    }

    [Fact]
    public async Task What_was_modified_is_read_back()
    {
        await using var connection = await BoundAsync();
        var person = $"CN=Person 1,CN=Users,{SlapdServer.Base}";
        var value = Encoding.UTF8.GetBytes(new string('ä', 70_000));
        var modify = new ModifyRequest(person, [new Modification(ModifyOperation.Replace, "description", [value])]);
        Assert.True((await connection.ModifyAsync(modify, Peer.Soon)).IsSuccess);
        var reply = await connection.SearchAsync(
            new SearchRequest(person, SearchScope.Base, LdapFilter.Present("cn"), ["description"], 1, TimeSpan.FromSeconds(20)), Peer.Soon);
        Assert.Equal(value, reply.Entries.Single().First("description"));
        var remove = new ModifyRequest(person, [new Modification(ModifyOperation.Delete, "description", [])]);
        Assert.True((await connection.ModifyAsync(remove, Peer.Soon)).IsSuccess);
        Assert.Equal(16, (await connection.ModifyAsync(remove, Peer.Soon)).Code); // noSuchAttribute
    }

    [Fact]
    public async Task An_extended_operation_says_who_one_is()
    {
        await using var connection = await BoundAsync();
        var reply = await connection.ExtendedAsync(new ExtendedRequest("1.3.6.1.4.1.4203.1.11.3"), Peer.Soon);
        Assert.Equal("dn:" + SlapdServer.Administrator.ToLowerInvariant(), Encoding.UTF8.GetString(reply.Value).ToLowerInvariant());
    }

    [Fact]
    public async Task Four_hundred_searches_overlap_on_one_connection()
    {
        await using var connection = await BoundAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 400).Select(each => connection.SearchAsync(
            new SearchRequest(
                SlapdServer.Base, SearchScope.Subtree, LdapFilter.Equal("sAMAccountName", $"person{each % SlapdServer.People}"),
                ["userPrincipalName"], 2, TimeSpan.FromSeconds(20)),
            Peer.Soon)));
        Assert.Equal(
            Enumerable.Range(0, 400).Select(each => $"person{each % SlapdServer.People}@corp.example"),
            replies.Select(each => each.Entries.Single().FirstText("userPrincipalName")));
    }

    [Theory]
    [InlineData("person3@corp.example", "person3", "dns-name")]
    [InlineData("PERSON3@Corp.Example", "person3", "dns-name")]
    [InlineData(" person3@corp.example. ", "person3", "dns-name")]
    [InlineData("CORP\\person3", "person3", "netbios-name")]
    [InlineData("person3@corp", "person3", "netbios-name")]
    [InlineData("nina.smith@contoso.com", "nina.s", "upn-suffix")]
    [InlineData("nina.s@corp.example", "nina.s", "dns-name")]
    [InlineData("olga@corp.example", "olga", "dns-name")]
    [InlineData("zoë@corp.example", "zoë", "dns-name")]
    [InlineData("st*r)(cn=*@corp.example", "st*r", "dns-name")]
    [InlineData(" Person3 ", "person3", "bare-name")]
    public async Task Every_spelling_leads_to_its_account(string typed, string account, string route)
    {
        await using var directory = Open(slapd.Options());
        var found = Assert.IsType<LookupReply.Found>(await FindAsync(directory, typed));
        Assert.Equal((SlapdServer.GuidOf(account), route), (found.Account.ObjectGuid, found.Route));
        using var password = Peer.Password(account == "person3" ? SlapdServer.PasswordOf(3) : "right");
        Assert.Equal(Verdict.Success, (await directory.BindAsync(found.Account, password, Peer.Soon)).Verdict);
    }

    [Theory]
    [InlineData("nobody@corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("nina.s@contoso.com", Verdict.UserNotFoundInForest)]
    [InlineData("*@corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("pc$@corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("twin@corp.example", Verdict.AmbiguousRoute)]
    [InlineData("person3@elsewhere.example", Verdict.NoRouteForSuffix)]
    [InlineData("person3@evilcorp.example", Verdict.NoRouteForSuffix)]
    [InlineData("person3@sub.corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("corp.example\\person3", Verdict.NoRouteForSuffix)]
    [InlineData("persona", Verdict.UserNotFoundInForest)]
    public async Task A_name_that_leads_to_no_account_says_why(string typed, Verdict why)
    {
        await using var directory = Open(slapd.Options());
        Assert.Equal(new LookupReply.NotFound(why), await FindAsync(directory, typed));
    }

    [Theory]
    [InlineData("PEOPLE\\person3", "person3", "netbios-name")]
    [InlineData("person3@people", "person3", "netbios-name")]
    [InlineData("person3@corp.example", "person3", "dns-name")]
    [InlineData("nina.smith@contoso.com", "nina.s", "upn-suffix")]
    [InlineData("star@adatum.example", "*", "upn-suffix")]
    [InlineData("star@eu.adatum.example", "*", "upn-suffix")]
    [InlineData("CORP\\person3", "", "")]
    public async Task The_directory_is_believed_about_its_own_names_and_configured_suffixes_stay(string typed, string account, string route)
    {
        await using var directory = Open(slapd.Options());
        using var accounts = new RememberedAccounts(directory, TimeProvider.System, NullLogger<RememberedAccounts>.Instance);
        accounts.UseNames(new ForestNames("corp.example", [new DomainNames("corp.example", "other")], [], []));
        accounts.UseNames(new ForestNames("corp.example", [new DomainNames("corp.example", "people")], ["adatum.example"], []));
        Assert.Equal("people", accounts.Names.NetBiosName);
        var reply = await accounts.FindAccountAsync(TypedName.TryParse(typed)!, Peer.Soon);
        if (account is "" or "*")
        {
            Assert.Equal(new LookupReply.NotFound(account == "*" ? Verdict.UserNotFoundInForest : Verdict.NoRouteForSuffix), reply);
            return;
        }

        var found = Assert.IsType<LookupReply.Found>(reply);
        Assert.Equal((SlapdServer.GuidOf(account), route), (found.Account.ObjectGuid, found.Route));
    }

    [Theory]
    [InlineData("m.alt@altmail.example", "mallory", "alternate-id")]
    [InlineData(" M.Alt@AltMail.example. ", "mallory", "alternate-id")]
    [InlineData("mal@corp.example", "mallory", "dns-name")]
    [InlineData("MAL@corp.example", "mallory", "dns-name")]
    [InlineData("mallory@corp.example", "mallory", "dns-name")]
    [InlineData("CORP\\mallory", "mallory", "netbios-name")]
    [InlineData("person3@corp.example", "person3", "dns-name")]
    public async Task An_alternate_ID_leads_to_the_same_account(string typed, string account, string route)
    {
        await using var directory = Open(WithAlternateIds("mail", "proxyAddresses"));
        var found = Assert.IsType<LookupReply.Found>(await FindAsync(directory, typed));
        Assert.Equal((SlapdServer.GuidOf(account), route), (found.Account.ObjectGuid, found.Route));
    }

    [Theory]
    [InlineData("pool@altmail.example", Verdict.AmbiguousRoute)] // Mail of one, proxy address of another.
    [InlineData("olga@corp.example", Verdict.AmbiguousRoute)] // The name of one, mail of another.
    [InlineData("nobody@altmail.example", Verdict.UserNotFoundInForest)]
    [InlineData("SMTP:m.alt@altmail.example", Verdict.UserNotFoundInForest)]
    [InlineData("/o=corp/cn=mallory@legacy.example", Verdict.UserNotFoundInForest)]
    [InlineData("*@altmail.example", Verdict.UserNotFoundInForest)]
    [InlineData("m.alt@altmail.example)(cn=*", Verdict.UserNotFoundInForest)]
    [InlineData("altmail.example\\m.alt", Verdict.NoRouteForSuffix)]
    [InlineData("CORP\\m.alt", Verdict.UserNotFoundInForest)]
    public async Task An_alternate_ID_of_nobody_or_of_two_signs_nobody_in(string typed, Verdict why)
    {
        await using var directory = Open(WithAlternateIds("mail", "ProxyAddresses"));
        Assert.Equal(new LookupReply.NotFound(why), await FindAsync(directory, typed));
    }

    [Fact]
    public async Task Only_the_attributes_that_are_named_are_alternate_IDs()
    {
        await using var directory = Open(WithAlternateIds("proxyAddresses"));
        Assert.IsType<LookupReply.Found>(await FindAsync(directory, "olga@corp.example"));
        Assert.IsType<LookupReply.Found>(await FindAsync(directory, "pool@altmail.example"));
    }

    [Theory, InlineData("person7@corp.example", 7), InlineData("olga@corp.example", 0)]
    public async Task When_the_password_was_set_comes_with_the_account(string typed, long passwordSetAt)
    {
        await using var directory = Open(slapd.Options());
        Assert.Equal(passwordSetAt, Assert.IsType<LookupReply.Found>(await FindAsync(directory, typed)).Account.PasswordSetAt);
    }

    [Fact]
    public async Task Binds_of_many_at_once_get_each_their_own_verdict_over_few_connections()
    {
        var options = slapd.Options();
        options.ConnectionsPerDomainController = 4;
        await using var directory = Open(options);
        var wrong = (await Task.WhenAll(Enumerable.Range(0, SlapdServer.People).Select(async person =>
        {
            var found = Assert.IsType<LookupReply.Found>(await FindAsync(directory, $"person{person}@corp.example"));
            var isRight = person % 3 != 0;
            using var password = Peer.Password(SlapdServer.PasswordOf(isRight ? person : person + 1));
            var reply = await directory.BindAsync(found.Account, password, Peer.In(60));
            Assert.True(reply.MayHaveBeenSent);
            return reply.Verdict == (isRight ? Verdict.Success : Verdict.BadPassword) ? null : $"{person}: {reply}";
        }))).OfType<string>();
        Assert.Empty(wrong);
    }

    private async Task<LdapConnection> BoundAsync()
    {
        var connection = await slapd.ConnectAsync();
        using var password = Peer.Password(SlapdServer.AdministratorPassword);
        Assert.True((await connection.BindAsync(SlapdServer.Administrator, password, Peer.Soon)).IsSuccess);
        return connection;
    }

    private ForestOptions WithAlternateIds(params string[] attributes)
    {
        var options = slapd.Options();
        attributes.ToList().ForEach(options.AlternateIdAttributes.Add);
        return options;
    }

    private static Task<LookupReply> FindAsync(ForestDirectory directory, string typed) =>
        directory.FindAccountAsync(TypedName.TryParse(typed)!, Peer.Soon);

    private static ForestDirectory Open(ForestOptions options) =>
        ForestDirectory.Open(options, TimeProvider.System, NullLogger<ForestDirectory>.Instance);

    // The filters of the theory, in our form.
    private static LdapFilter Parsed(string filter) => filter switch
    {
        "(objectClass=*)" => LdapFilter.Present("objectClass"),
        "(userPrincipalName=person7@corp.example)" => LdapFilter.Equal("userPrincipalName", "person7@corp.example"),
        "(sAMAccountName=zoë)" => LdapFilter.Equal("sAMAccountName", "zoë"),
        "(sAMAccountName=nobody)" => LdapFilter.Equal("sAMAccountName", "nobody"),
        @"(sAMAccountName=st\2ar)" => LdapFilter.Equal("sAMAccountName", "st*r"),
        _ => LdapFilter.All(
            LdapFilter.Equal("sAMAccountType", "805306368"),
            LdapFilter.Any(LdapFilter.Equal("userPrincipalName", "twin@corp.example"), LdapFilter.Equal("sAMAccountName", "twin"))),
    };
}
