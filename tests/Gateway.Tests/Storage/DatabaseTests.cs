using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.Identity;

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
        await OkAsync("tenant", "allow", "t", "brand.example");
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
                Task.Run(() => RunAsync("tenant", "allow", "one", $"a{i}.example")),
                Task.Run(() => RunAsync("tenant", "allow", "two", $"x.a{i}.example")));
            Assert.Single(codes, 0);
        }
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
            ["PASSTHROUGH_GATEWAY__Database__PostgreSql"] = connectionString,
        };
        return await new AdminCommand(environment, TimeProvider.System, TextWriter.Null, TextWriter.Null).RunAsync(args);
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

public sealed class PostgreSqlTests(PostgreSql server) : DatabaseTests(server.ConnectionString), IClassFixture<PostgreSql>;
