using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Location;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Slapd;

/// <summary>A forest of two domains. Samba cannot make a child domain, so three real LDAP servers that are no Active Directory
/// play it with made entries: one the root domain, one the child, one the global catalog, which has the entries of both but
/// neither passwords nor pwdLastSet. What DNS would say is said by the test.</summary>
public sealed class ForestOfThreeTests(ForestOfThreeTests.Forest forest) : IClassFixture<ForestOfThreeTests.Forest>
{
    [Theory]
    [InlineData("alice@corp.example", "alice", "root", "dns-name"), InlineData("CORP\\alice", "alice", "root", "netbios-name")]
    [InlineData("CORP\\bob", "bob", "root", "netbios-name"), InlineData("bob@corp.example", "bob", "root", "dns-name")]
    [InlineData("EMEA\\bob", "bob.emea", "child", "netbios-name"), InlineData("bob@emea.corp.example", "bob.emea", "child", "dns-name")]
    [InlineData("bob@EMEA", "bob.emea", "child", "netbios-name")]
    [InlineData("vera@contoso.com", "vera", "root", "upn-suffix"), InlineData("erik@contoso.com", "erik.emea", "child", "upn-suffix")]
    [InlineData("carla@corp.example", "carla.emea", "child", "dns-name")] // The root's name, but an account of the child.
    [InlineData("EMEA\\carol", "carol.emea", "child", "netbios-name")]
    [InlineData("erik", "erik.emea", "child", "bare-name"), InlineData("alice", "alice", "root", "bare-name")]
    public async Task A_name_leads_to_the_controllers_of_its_accounts_own_domain(string typed, string account, string where, string route)
    {
        await using var directory = forest.Open();
        var found = Assert.IsType<LookupReply.Found>(await FindAsync(directory, typed));
        Assert.Equal((SlapdServer.GuidOf(account), route, Forest.PasswordSetAt), (found.Account.ObjectGuid, found.Route, found.Account.PasswordSetAt));
        foreach (var (text, verdict) in new[] { (account, Verdict.Success), ("wrong", Verdict.BadPassword) })
        {
            using var password = Peer.Password(text);
            var reply = await directory.BindAsync(found.Account, password, Peer.Soon);
            Assert.Equal((verdict, forest.AddressOf(where)), (reply.Verdict, reply.DomainController));
        }

        var again = Assert.IsType<LookupReply.Found>(await directory.FindAgainAsync(found.Account, Peer.Soon));
        Assert.Equal(found.Account, again.Account);
    }

    [Theory]
    [InlineData("bob", Verdict.AmbiguousRoute)] // One in each domain.
    [InlineData("carol@emea.corp.example", Verdict.AmbiguousRoute)] // The child's implicit name, and the explicit one of another.
    [InlineData("nobody@contoso.com", Verdict.UserNotFoundInForest), InlineData("nobody@emea.corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("EMEA\\alice", Verdict.UserNotFoundInForest), InlineData("alice@emea.corp.example", Verdict.UserNotFoundInForest)]
    [InlineData("nobody", Verdict.UserNotFoundInForest), InlineData("ghost@contoso.com", Verdict.UserNotFoundInForest)]
    [InlineData("alice@elsewhere.example", Verdict.NoRouteForSuffix)]
    public async Task A_name_of_nobody_or_of_two_signs_nobody_in(string typed, Verdict why)
    {
        await using var directory = forest.Open();
        Assert.Equal(new LookupReply.NotFound(why), await FindAsync(directory, typed));
    }

    [Fact]
    public async Task Without_a_global_catalog_only_names_that_could_be_anybodys_wait()
    {
        await using var directory = forest.Open(catalog: "localhost:1");
        Assert.IsType<LookupReply.Found>(await FindAsync(directory, "EMEA\\bob"));
        Assert.Equal(new LookupReply.NoVerdict(Verdict.NoDomainController), await FindAsync(directory, "erik@contoso.com"));
        Assert.Equal(new LookupReply.NoVerdict(Verdict.NoDomainController), await FindAsync(directory, "bob@emea.corp.example"));
    }

    [Fact]
    public async Task A_forest_of_one_domain_asks_no_global_catalog_and_no_other_domain()
    {
        await using var directory = forest.Open(catalog: "localhost:1");
        directory.UseNames(new ForestNames("corp.example", [new DomainNames("corp.example", "corp")], ["contoso.com"], []));
        Assert.IsType<LookupReply.Found>(await FindAsync(directory, "vera@contoso.com"));
        Assert.IsType<LookupReply.Found>(await FindAsync(directory, "bob"));
        Assert.Equal(new LookupReply.NotFound(Verdict.NoRouteForSuffix), await FindAsync(directory, "EMEA\\bob"));
        Assert.Equal(["root"], forest.Asked);
    }

    [Fact]
    public async Task The_order_of_controllers_is_told_for_a_domain_and_for_any()
    {
        await using var directory = forest.Open();
        Assert.StartsWith(forest.AddressOf("child"), Assert.Single(await directory.ExplainOrderAsync("emea.corp.example", Peer.Soon)), StringComparison.Ordinal);
        var line = Assert.Single(await directory.ExplainOrderAsync(domain: null, Peer.Soon));
        Assert.StartsWith(forest.AddressOf("catalog"), line, StringComparison.Ordinal);
        Assert.Contains("global catalog", line, StringComparison.Ordinal);
    }

    private static Task<LookupReply> FindAsync(ForestDirectory directory, string typed) =>
        directory.FindAccountAsync(TypedName.TryParse(typed)!, Peer.Soon);

    public sealed class Forest : IDisposable
    {
        public const long PasswordSetAt = 7;

        private const string Child = "DC=emea," + SlapdServer.Base;

        private readonly TestAuthority _authority = new("slapd test CA");
        private readonly Dictionary<string, SlapdServer> _servers;

        public Forest()
        {
            var root = Person("alice", "alice@corp.example") + Person("bob", null) + Person("vera", "vera@contoso.com")
                + Person("mimic", "carol@emea.corp.example");
            var child = Person("bob.emea", "bob@emea.corp.example") + Person("erik.emea", "erik@contoso.com") + Person("carol.emea", null)
                + Person("carla.emea", "carla@corp.example");
            // Deleted in its domain, which the catalog does not know yet.
            var ghost = Person("ghost.emea", "ghost@contoso.com");
            var service = $"""
                dn: {SlapdServer.ServiceAccount}
                objectClass: user
                cn: svc
                sAMAccountName: svc
                sAMAccountType: 0
                objectGUID: svc
                userPassword: {SlapdServer.ServicePassword}


                """;
            _servers = new()
            {
                ["root"] = new(SlapdServer.Base, Head(SlapdServer.Base, "corp") + service + root, _authority),
                ["child"] = new(Child, Head(Child, "emea") + child, _authority),
                ["catalog"] = new(
                    SlapdServer.Base,
                    Head(SlapdServer.Base, "corp") + service + Head(Child, "emea") + WithoutSecrets(root + child + ghost), _authority),
            };
        }

        /// <summary>What was looked for in DNS since the last <see cref="Open"/>.</summary>
        public List<string> Asked { get; } = [];

        public string AddressOf(string server) => $"localhost:{_servers[server].Port}";

        public ForestDirectory Open(string? catalog = null)
        {
            var options = _servers["root"].Options();
            options.DomainControllers.Clear();
            lock (Asked)
            {
                Asked.Clear();
            }

            var directory = ForestDirectory.Open(
                options, (scope, _, _) => LocateAsync(scope, catalog), TimeProvider.System, NullLogger<ForestDirectory>.Instance);
            directory.UseNames(new ForestNames(
                "corp.example", [new DomainNames("corp.example", "corp"), new DomainNames("emea.corp.example", "emea")], ["contoso.com"], []));
            return directory;
        }

        public void Dispose()
        {
            foreach (var server in _servers.Values)
            {
                server.Dispose();
            }

            _authority.Dispose();
        }

        private Task<IReadOnlyList<Located>> LocateAsync(ControllerScope scope, string? catalog)
        {
            var server = scope.IsGlobalCatalog ? "catalog" : scope.Domain == "corp.example" ? "root" : "child";
            lock (Asked)
            {
                Asked.Add(server);
            }

            var address = DirectoryAddress.TryParse(scope.IsGlobalCatalog && catalog is not null ? catalog : AddressOf(server), 636)!;
            return Task.FromResult<IReadOnlyList<Located>>([new Located(address, new Placement(), scope.IsGlobalCatalog)]);
        }

        private static string Head(string domain, string name) => $"""
            dn: {domain}
            objectClass: organization
            objectClass: dcObject
            o: {name}
            dc: {name}

            dn: CN=Users,{domain}
            objectClass: user
            cn: Users
            sAMAccountName: users
            sAMAccountType: 0
            objectGUID: {name}


            """;

        // The password is the account's name with that of its domain.
        private static string Person(string account, string? upn)
        {
            var parts = account.Split('.');
            return $"""
                dn: CN={parts[0]}\, of all,CN=Users,{(parts.Length > 1 ? Child : SlapdServer.Base)}
                objectClass: user
                cn: {parts[0]}, of all
                sAMAccountName: {parts[0]}
                sAMAccountType: 805306368
                objectGUID:: {Convert.ToBase64String(SlapdServer.GuidOf(account).ToByteArray())}
                {(upn is null ? "description: no name" : $"userPrincipalName: {upn}")}
                userPassword: {account}
                pwdLastSet: {PasswordSetAt}


                """;
        }

        private static string WithoutSecrets(string ldif) => string.Join(
            '\n', ldif.Split('\n').Where(line => !line.StartsWith("userPassword", StringComparison.Ordinal) && !line.StartsWith("pwdLastSet", StringComparison.Ordinal)));
    }
}
