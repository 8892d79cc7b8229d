using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Passthrough.Gateway.Storage;

/// <summary>What the gateway remembers. One derived context for each kind of database, because each has its own migrations.</summary>
public abstract class GatewayContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<Tenant> Tenants => Set<Tenant>();

    public DbSet<Suffix> Suffixes => Set<Suffix>();

    public DbSet<AllowedSubtree> AllowedSubtrees => Set<AllowedSubtree>();

    public DbSet<JoinTokenRecord> JoinTokens => Set<JoinTokenRecord>();

    public DbSet<AgentRecord> Agents => Set<AgentRecord>();

    public DbSet<AgentCertificate> AgentCertificates => Set<AgentCertificate>();

    public DbSet<ApiKeyRecord> ApiKeys => Set<ApiKeyRecord>();

    public DbSet<InstallationRecord> Installation => Set<InstallationRecord>();

    public DbSet<InstanceRecord> Instances => Set<InstanceRecord>();

    public DbSet<PageKeyRecord> PageKeys => Set<PageKeyRecord>();

    public DbSet<PeerBookRecord> PeerBooks => Set<PeerBookRecord>();

    public DbSet<EndedLockRecord> EndedLocks => Set<EndedLockRecord>();

    /// <summary>Whether the database has a clock that is not this machine's.</summary>
    public abstract bool HasClock { get; }

    /// <summary>The time by the one clock that all users of this database share.</summary>
    /// <param name="own">The clock of this machine.</param>
    public abstract Task<DateTimeOffset> ReadClockAsync(TimeProvider own, CancellationToken cancel);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ModelTenants(modelBuilder);
        ModelShared(modelBuilder);
        modelBuilder.Entity<JoinTokenRecord>(token =>
        {
            token.HasIndex(t => t.SecretHash).IsUnique();
            token.HasOne<Tenant>().WithMany().HasForeignKey(t => t.TenantId);
        });
        modelBuilder.Entity<AgentRecord>(agent =>
        {
            agent.HasIndex(a => new { a.TenantId, a.Name }).IsUnique().HasFilter("\"RevokedAt\" IS NULL");
            agent.Property(a => a.Name).HasMaxLength(63);
            agent.HasOne<Tenant>().WithMany().HasForeignKey(a => a.TenantId);
            agent.HasMany(a => a.Certificates).WithOne().HasForeignKey(c => c.AgentId);
        });
        modelBuilder.Entity<AgentCertificate>(certificate =>
        {
            certificate.HasKey(c => c.Serial);
            certificate.HasIndex(c => c.NotAfter);
        });
        modelBuilder.Entity<ApiKeyRecord>(key =>
        {
            key.Property(k => k.Name).HasMaxLength(200);
            key.HasOne<Tenant>().WithMany().HasForeignKey(k => k.TenantId);
        });
        modelBuilder.Entity<InstallationRecord>(installation =>
        {
            installation.Property(i => i.Id).ValueGeneratedNever();
            installation.HasData(new InstallationRecord());
        });
    }

    /// <summary>What instances of the gateway tell each other by.</summary>
    private static void ModelShared(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<InstanceRecord>(instance =>
        {
            instance.HasKey(i => i.Address);
            instance.Property(i => i.Address).HasMaxLength(300);
        });
        modelBuilder.Entity<PageKeyRecord>(key =>
        {
            key.HasKey(k => k.Number);
            key.Property(k => k.Number).ValueGeneratedNever();
        });
        modelBuilder.Entity<PeerBookRecord>(book =>
        {
            book.HasKey(b => b.TenantId);
            book.HasOne<Tenant>().WithMany().HasForeignKey(b => b.TenantId);
        });
        modelBuilder.Entity<EndedLockRecord>(ended =>
        {
            ended.HasKey(e => new { e.TenantId, e.Forest, e.ObjectGuid });
            ended.Property(e => e.Forest).HasMaxLength(253);
            ended.HasOne<Tenant>().WithMany().HasForeignKey(e => e.TenantId);
        });
    }

    private static void ModelTenants(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Tenant>(tenant =>
        {
            tenant.Property(t => t.Id).HasMaxLength(63);
            tenant.Property(t => t.DisplayName).HasMaxLength(200);
            tenant.HasMany(t => t.Suffixes).WithOne().HasForeignKey(s => s.TenantId);
            tenant.HasMany(t => t.AllowedSubtrees).WithOne().HasForeignKey(s => s.TenantId);
        });
        modelBuilder.Entity<Suffix>(suffix =>
        {
            suffix.HasKey(s => new { s.TenantId, s.Name });
            suffix.HasIndex(s => s.GlobalName).IsUnique();
            suffix.Property(s => s.Name).HasMaxLength(253);
            suffix.Property(s => s.GlobalName).HasMaxLength(253);
            suffix.Property(s => s.Forest).HasMaxLength(253);
            suffix.Ignore(s => s.Forests);
        });
        modelBuilder.Entity<AllowedSubtree>(subtree =>
        {
            subtree.HasKey(s => s.Name);
            subtree.Property(s => s.Name).HasMaxLength(253);
        });
    }
}

/// <summary>On SQLite, which has no type for an instant: stored as Unix milliseconds, so that it can be compared and sorted.</summary>
public sealed class SqliteGatewayContext(DbContextOptions<SqliteGatewayContext> options) : GatewayContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    public override bool HasClock => false;

    public override Task<DateTimeOffset> ReadClockAsync(TimeProvider own, CancellationToken cancel) => Task.FromResult(own.GetUtcNow());

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        instant => instant.ToUnixTimeMilliseconds(), stored => DateTimeOffset.FromUnixTimeMilliseconds(stored));
}

/// <summary>On PostgreSQL 12 or later.</summary>
public sealed class PostgreSqlGatewayContext(DbContextOptions<PostgreSqlGatewayContext> options) : GatewayContext(options)
{
    public override bool HasClock => true;

    public override Task<DateTimeOffset> ReadClockAsync(TimeProvider own, CancellationToken cancel) =>
        Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancel);
}
