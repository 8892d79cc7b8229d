using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Peers;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Storage;

/// <summary>The same on a real SQLite file and on a real PostgreSQL.</summary>
public abstract class DatabaseTests(string connectionString) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-storage-");
    private bool _isEmptied;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Instances_that_start_together_make_the_database_once()
    {
        var factory = await EmptyAsync();
        var state = StateDirectory.Open(_folder.FullName);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => DatabaseMigration.RunAsync(factory, state, default))));
        await using var context = factory.CreateDbContext();
        Assert.Empty(await context.Database.GetPendingMigrationsAsync());
        Assert.Equal(0, (await context.Installation.SingleAsync()).Version);
    }

    [Fact]
    public async Task The_migrations_make_what_the_program_expects()
    {
        await using var context = (await EmptyAsync()).CreateDbContext();
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        var factory = await MigratedAsync();
        await using var context = factory.CreateDbContext();
        await context.Database.ExecuteSqlRawAsync(
            "INSERT INTO \"__EFMigrationsHistory\" (\"MigrationId\", \"ProductVersion\") VALUES ('29990101000000_Later', '99')");
        var fault = await Assert.ThrowsAsync<StartFaultException>(() => MigrateAsync(factory));
        Assert.Contains("29990101000000_Later", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_belongs_to_one_CA()
    {
        await using var context = (await MigratedAsync()).CreateDbContext();
        await AuthorityBinding.CheckAsync(context, [1, 2, 3], default);
        await AuthorityBinding.CheckAsync(context, [1, 2, 3], default);
        var fault = await Assert.ThrowsAsync<StartFaultException>(() => AuthorityBinding.CheckAsync(context, [1, 2, 4], default));
        Assert.Equal(FaultKind.DatabaseOfAnotherAuthority, fault.Faults[0].Kind);
    }

    [Fact]
    public async Task Of_twenty_uses_of_a_token_at_once_one_makes_an_agent()
    {
        var factory = await MigratedAsync();
        using var authority = await CertificateAuthority.OpenAsync(
            StateDirectory.Open(_folder.FullName), TimeProvider.System.GetUtcNow(), default);
        var token = JoinToken.Create(authority.Certificate);
        await AddTokenAsync(factory, token);
        var roster = new AgentRoster(authority, factory, new GatewayOptions(), TimeProvider.System, NullLogger<AgentRoster>.Instance);
        var enrolment = new AgentEnrolment(roster, factory, TimeProvider.System);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await enrolment.EnrolAsync(token, new PublicKey(key), $"host-{i}", default);
                return "enrolled";
            }
            catch (EnrolmentRefusedException e)
            {
                return e.Fault;
            }
        })));
        Assert.Equal(1, results.Count(r => r == "enrolled"));
        Assert.Equal(19, results.Count(r => r == EnrolmentFault.TokenUsed));
        await using var context = factory.CreateDbContext();
        var agent = await context.Agents.Include(a => a.Certificates).SingleAsync();
        Assert.Equal(["corp.example"], agent.Forests);
        Assert.Single(agent.Certificates);
        Assert.Equal(agent.Id, (await context.JoinTokens.SingleAsync()).UsedByAgentId);
        Assert.Equal(1, (await context.Installation.SingleAsync()).Version);
        await SnapshotIsReadAsync(context, agent);
    }

    [Fact]
    public async Task What_an_earlier_program_stored_is_read_by_this_one()
    {
        var factory = await EmptyAsync();
        await using var context = factory.CreateDbContext();
        var earlier = context.Database.GetMigrations().Single(name => name.EndsWith("_LockoutPolicy", StringComparison.Ordinal));
        await context.GetService<IMigrator>().MigrateAsync(earlier);
        await context.Database.ExecuteSqlRawAsync(
            context is SqliteGatewayContext
                ? "INSERT INTO \"Tenants\" (\"Id\", \"DisplayName\", \"CreatedAt\") VALUES ('t', 't', 0)"
                : "INSERT INTO \"Tenants\" (\"Id\", \"DisplayName\", \"CreatedAt\") VALUES ('t', 't', now())");
        await context.Database.ExecuteSqlRawAsync(
            "INSERT INTO \"Suffixes\" (\"TenantId\", \"Name\", \"GlobalName\", \"Forest\") VALUES ('t', 'corp.example', 'corp.example', 'corp.example')");
        await MigrateAsync(factory);
        Assert.Equal(["corp.example"], (await context.Suffixes.SingleAsync()).Forests);
        Assert.Empty(await context.AllowedSubtrees.ToListAsync());
    }

    [Fact]
    public async Task Suffixes_of_several_forests_and_allowed_subtrees_are_stored_and_read()
    {
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example", "--suffix", "shared.example=corp.example,fabrikam.test");
        await OkAsync("tenant", "allow", "t", "brand.example", "--reason", "a test");
        await using var context = GatewayContextFactory.Create(connectionString, _folder.FullName).CreateDbContext();
        var snapshot = await TenantSnapshotReader.ReadAsync(context, TimeProvider.System.GetUtcNow(), default);
        Assert.Equal("t", snapshot.FindTenant("a.brand.example"));
        Assert.Equal(
            ["corp.example", "fabrikam.test"],
            snapshot.FindRoute("t", TypedName.TryParse("anna@shared.example")!)!.Forests.Select(forest => forest.Forest));
    }

    /// <summary>Names that overlap are different rows: only who looks while nobody else writes can tell.</summary>
    [Fact]
    public async Task Of_subtrees_that_overlap_and_are_allowed_at_once_one_tenant_gets_its()
    {
        await OkAsync("tenant", "create", "one", "--suffix", "one.example");
        await OkAsync("tenant", "create", "two", "--suffix", "two.example");
        for (var i = 0; i < 5; i++)
        {
            var codes = await Task.WhenAll(
                Task.Run(() => RunAsync("tenant", "allow", "one", $"a{i}.example", "--reason", "a test")),
                Task.Run(() => RunAsync("tenant", "allow", "two", $"x.a{i}.example", "--reason", "a test")));
            Assert.Single(codes, 0);
        }
    }

    /// <summary>As agents of two sites would, that each ask another instance of the gateway at the same moment.</summary>
    [Fact]
    public async Task Of_agents_that_ask_two_instances_for_leave_at_once_one_gets_it()
    {
        var factory = await MigratedAsync();
        await using var here = await OpenInstance.OnAsync(factory, "here");
        await using var there = await OpenInstance.OnAsync(factory, "there");
        string[] agents = [.. Enumerable.Range(0, 6).Select(i => $"a{i}")];
        for (var round = 0; round < 20; round++)
        {
            var tenant = $"t{round}";
            await AddAgentsAsync(factory, tenant, agents);
            PeerBooks[] instances = [new(factory, TimeProvider.System), new(factory, TimeProvider.System)];
            var answers = await Task.WhenAll(agents.Select((agent, i) => Task.Run(() => instances[i % 2].AskAsync(
                tenant, new PeerQuestion($"{tenant}-{agent}", Guid.Empty, 0, WantsToForm: true), "here:1", default))));
            Assert.Single(answers, answer => answer!.Value.MayForm);

            // Each of them is in the one book.
            var last = await instances[0].AskAsync(tenant, new PeerQuestion($"{tenant}-a0", Guid.Empty, 1, WantsToForm: false), "here:1", default);
            Assert.Equal(agents.Length, last!.Value.Known.Book.Reports.Count);
        }
    }

    [Fact]
    public async Task An_agent_that_has_connected_is_waited_for_whichever_instance_it_was()
    {
        var factory = await MigratedAsync();
        await AddAgentsAsync(factory, "t", "one", "two");
        await using var instance = await OpenInstance.OnAsync(factory, "here");
        await using var context = factory.CreateDbContext();
        await context.Agents.Where(agent => agent.Id == "t-two")
            .ExecuteUpdateAsync(set => set.SetProperty(agent => agent.LastConnectedAt, TimeProvider.System.GetUtcNow()));
        var books = new PeerBooks(factory, TimeProvider.System);
        var answer = await books.AskAsync("t", new PeerQuestion("t-one", Guid.Empty, 0, WantsToForm: true), "here:1", default);
        Assert.False(answer!.Value.MayForm);
    }

    [Fact]
    public async Task Instances_know_of_each_other_and_of_the_locks_that_each_heard_to_be_ended()
    {
        var factory = await MigratedAsync();
        await AddAgentsAsync(factory, "t", "one");
        var (locks, route) = (new KeptLocks(TimeProvider.System), new TenantRoute("t", "corp.example"));
        var (elsewhere, addresses) = (new KeptLocks(TimeProvider.System), new GatewayAddresses());
        await using var here = await OpenInstance.OnAsync(factory, "here", locks, addresses);
        Assert.Empty(here.Others);
        await using (await OpenInstance.OnAsync(factory, "there", elsewhere))
        {
            await Eventually.TrueAsync(() => here.Others.Count == 1, "the other instance is seen");
            Assert.Equal(new Uri("https://there:8445"), here.Others.Single());
            Assert.Equal(["https://here:8445", "https://there:8445"], addresses.Streams);

            var (name, account) = (TypedName.TryParse("anna@corp.example")!, AccountKey.TryCreate("corp.example", Guid.NewGuid())!);
            var notice = new LockNotice(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), []);
            elsewhere.Keep(route, name, account, notice, TimeProvider.System.GetTimestamp());
            Assert.NotEqual(TimeSpan.Zero, elsewhere.LeftFor(route, name, ClientSource.Nowhere));
            locks.End(
                new AgentEntry("t-one", "t", "one", ["corp.example"]),
                new LockEnded { Forest = "corp.example", Account = ByteString.CopyFrom(account.ObjectGuid.ToByteArray()) });
            await Eventually.TrueAsync(
                () => elsewhere.LeftFor(route, name, ClientSource.Nowhere) == TimeSpan.Zero, "the other instance has heard of it");
        }

        await Eventually.TrueAsync(() => here.Others.Count == 0, "the other instance is missed");
        Assert.Equal(2, addresses.Streams.Count);
    }

    [Fact]
    public async Task Instances_that_make_the_first_page_key_at_once_have_one()
    {
        var factory = await MigratedAsync();
        var secret = RandomNumberGenerator.GetBytes(32);
        PageKeys[] instances = [.. Enumerable.Range(0, 4).Select(_ => new PageKeys(factory, secret))];
        Assert.All(instances, keys => Assert.Empty(keys.GetAllElements()));
        await Task.WhenAll(instances.Select((keys, i) => Task.Run(() => keys.StoreElement(new XElement("key", i), ""))));
        var read = instances.Select(keys => Assert.Single(keys.GetAllElements()).Value).ToList();
        Assert.Single(read.Distinct());

        await using var context = factory.CreateDbContext();
        var kept = (await context.PageKeys.SingleAsync()).Sealed;
        Assert.False(Encoding.UTF8.GetString(kept).Contains("key", StringComparison.Ordinal));
        Assert.ThrowsAny<CryptographicException>(() => new PageKeys(factory, new byte[32]).GetAllElements());
    }

    private static async Task AddAgentsAsync(GatewayContextFactory factory, string tenant, params string[] agents)
    {
        await using var context = factory.CreateDbContext();
        var now = TimeProvider.System.GetUtcNow();
        context.Tenants.Add(new Tenant { Id = tenant, DisplayName = tenant, CreatedAt = now });
        context.Agents.AddRange(agents.Select(name => new AgentRecord
        {
            Id = $"{tenant}-{name}",
            TenantId = tenant,
            Name = name,
            Forests = ["corp.example"],
            EnrolledAt = now,
        }));
        await context.SaveChangesAsync();
    }

    private static async Task SnapshotIsReadAsync(GatewayContext context, AgentRecord agent)
    {
        var now = TimeProvider.System.GetUtcNow();
        var snapshot = await TenantSnapshotReader.ReadAsync(context, now, default);
        Assert.Equal("host", snapshot.FindAgent(agent.Id)!.Name[..4]);
        Assert.Equal("t", snapshot.FindTenant("Sub.Corp.Example"));
        agent.RevokedAt = now;
        await context.SaveChangesAsync();
        snapshot = await TenantSnapshotReader.ReadAsync(context, now, default);
        Assert.Null(snapshot.FindAgent(agent.Id));
        Assert.True(snapshot.IsRevoked(agent.Id));
    }

    private static async Task AddTokenAsync(GatewayContextFactory factory, JoinToken token)
    {
        await using var context = factory.CreateDbContext();
        var now = TimeProvider.System.GetUtcNow();
        var tenant = new Tenant { Id = "t", DisplayName = "t", CreatedAt = now };
        tenant.Suffixes.Add(new Suffix { TenantId = "t", Name = "corp.example", GlobalName = "corp.example", Forest = "corp.example" });
        context.Tenants.Add(tenant);
        context.JoinTokens.Add(new JoinTokenRecord
        {
            Id = "1",
            TenantId = "t",
            SecretHash = token.SecretHash,
            Forests = ["corp.example"],
            CreatedAt = now,
            ExpiresAt = now.AddHours(1),
        });
        await context.SaveChangesAsync();
    }

    private async Task OkAsync(params string[] args)
    {
        await EmptyOnceAsync();
        Assert.Equal(0, await RunAsync(args));
    }

    private async Task<int> RunAsync(params string[] args)
    {
        var environment = new Dictionary<string, string>
        {
            ["PASSTHROUGH_GATEWAY__StateDirectory"] = _folder.FullName,
        };
        if (connectionString.Length > 0)
        {
            environment["PASSTHROUGH_GATEWAY__Database__ConnectionStringFile"] = ConnectionFile(connectionString, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return await new AdminCommand(environment, TimeProvider.System, TextWriter.Null, TextWriter.Null).RunAsync(args);
    }

    private protected string ConnectionFile(string text, UnixFileMode mode)
    {
        var file = Path.Combine(_folder.FullName, "connection");
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    private async Task EmptyOnceAsync()
    {
        if (!_isEmptied)
        {
            await EmptyAsync();
            _isEmptied = true;
        }
    }

    private async Task<GatewayContextFactory> EmptyAsync()
    {
        var factory = GatewayContextFactory.Create(connectionString, _folder.FullName);
        await using var context = factory.CreateDbContext();
        if (context is PostgreSqlGatewayContext)
        {
            await context.Database.ExecuteSqlRawAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        }

        return factory;
    }

    private async Task<GatewayContextFactory> MigratedAsync()
    {
        var factory = await EmptyAsync();
        await MigrateAsync(factory);
        return factory;
    }

    private Task MigrateAsync(GatewayContextFactory factory) =>
        DatabaseMigration.RunAsync(factory, StateDirectory.Open(_folder.FullName), default);
}

public sealed class SqliteTests() : DatabaseTests("")
{
    [Theory]
    [InlineData("Host=db;Database=g;Username=u;Passwort=s3cret", "passwort")]
    [InlineData("Host=db;Password=s3cret", "must name Host and Database")]
    [InlineData("s3cret", "holds no connection string")]
    public void A_connection_string_that_cannot_be_used_is_told_without_what_is_secret(string text, string told)
    {
        var file = ConnectionFile(text, UnixFileMode.UserRead);
        var fault = Assert.Throws<StartFaultException>(() => GatewayContextFactory.Open(
            new DatabaseOptions { ConnectionStringFile = file }, StateDirectory.Open(Path.GetDirectoryName(file)!)));
        Assert.Equal(FaultKind.DatabaseUnusable, fault.Faults.Single().Kind);
        Assert.Contains(told, fault.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("s3cret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_that_others_can_read_is_refused()
    {
        var file = ConnectionFile("Host=db;Database=g", UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var fault = Assert.Throws<StartFaultException>(() => GatewayContextFactory.Open(
            new DatabaseOptions { ConnectionStringFile = file }, StateDirectory.Open(Path.GetDirectoryName(file)!)));
        Assert.Equal(FaultKind.KeyFileExposed, fault.Faults.Single().Kind);
    }

    [Theory, InlineData("Colour=red"), InlineData("Host=127.0.0.1;Port=1;Timeout=2")]
    public async Task A_PostgreSQL_that_cannot_be_used_is_told_in_one_line(string connectionString)
    {
        var folder = Directory.CreateTempSubdirectory("passthrough-storage-");
        var fault = await Assert.ThrowsAsync<StartFaultException>(async () => await DatabaseMigration.RunAsync(
            GatewayContextFactory.Create(connectionString, folder.FullName), StateDirectory.Open(folder.FullName), default));
        Assert.Equal(FaultKind.DatabaseUnusable, fault.Faults.Single().Kind);
        Assert.DoesNotContain('\n', fault.Message);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_process_that_was_killed_while_it_migrated_does_not_block_the_next()
    {
        var folder = Directory.CreateTempSubdirectory("passthrough-storage-");
        var factory = GatewayContextFactory.Create("", folder.FullName);
        await using (var context = factory.CreateDbContext())
        {
            await context.Database.ExecuteSqlRawAsync("CREATE TABLE \"__EFMigrationsLock\" (\"Id\" INTEGER PRIMARY KEY, \"Timestamp\" TEXT NOT NULL)");
            await context.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01')");
        }

        await DatabaseMigration.RunAsync(factory, StateDirectory.Open(folder.FullName), default).InTimeAsync();
        folder.Delete(recursive: true);
    }
}

public sealed class PostgreSqlTests(PostgreSqlServer server) : DatabaseTests(server.ConnectionString), IClassFixture<PostgreSqlServer>;
