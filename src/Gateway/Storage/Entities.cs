namespace Passthrough.Gateway.Storage;

/// <summary>One customer of the gateway. Nothing crosses tenants.</summary>
public sealed class Tenant
{
    /// <summary>1 to 63 lower-case letters, digits and hyphens: it stands in addresses and in the agents' certificates.</summary>
    public required string Id { get; init; }

    public required string DisplayName { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on nobody signs in and no agent connects. Never undone.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    public List<Suffix> Suffixes { get; } = [];
}

/// <summary>What user names of a tenant end in, and the forest where they belong.</summary>
public sealed class Suffix
{
    public required string TenantId { get; init; }

    /// <summary>Normalised: a DNS name or a NetBIOS domain name.</summary>
    public required string Name { get; init; }

    /// <summary>The name again if it is a DNS name, which belongs to one tenant only; null for a NetBIOS name, which two tenants
    /// may have.</summary>
    public string? GlobalName { get; init; }

    /// <summary>DNS name of the forest, lower case.</summary>
    public required string Forest { get; init; }
}

/// <summary>A leave to enrol one agent.</summary>
public sealed class JoinTokenRecord
{
    /// <summary>What people call it: 12 hexadecimal digits that say nothing of the secret.</summary>
    public required string Id { get; init; }

    public required string TenantId { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required byte[] SecretHash { get; init; }

    /// <summary>DNS names of the forests that the agent will be authorised for.</summary>
    public required List<string> Forests { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }

    public string? UsedByAgentId { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>An enrolled agent.</summary>
public sealed class AgentRecord
{
    /// <summary>A UUIDv7, 32 hexadecimal digits; never used again.</summary>
    public required string Id { get; init; }

    public required string TenantId { get; init; }

    /// <summary>What people call it; one agent of a tenant that is not revoked has it.</summary>
    public required string Name { get; init; }

    /// <summary>DNS names of the forests that it may get work for.</summary>
    public required List<string> Forests { get; init; }

    public required DateTimeOffset EnrolledAt { get; init; }

    /// <summary>From then on it gets nothing. Never undone: the machine enrols again, as another agent.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    public DateTimeOffset? LastConnectedAt { get; set; }

    public string? ProgramVersion { get; set; }

    public List<AgentCertificate> Certificates { get; } = [];
}

/// <summary>A certificate that was issued to an agent. Only what stands here opens a stream.</summary>
public sealed class AgentCertificate
{
    /// <summary>Serial number in hexadecimal, as the framework prints it.</summary>
    public required string Serial { get; init; }

    public required string AgentId { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }
}

/// <summary>What a service shows to have passwords validated for one tenant.</summary>
public sealed class ApiKeyRecord
{
    /// <summary>The half of the key that may be shown.</summary>
    public required string Id { get; init; }

    public required string TenantId { get; init; }

    /// <summary>Which service it was made for.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required byte[] SecretHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>One row: a number that grows with every change that a running gateway must notice, and the CA that this database's
/// agents trust.</summary>
public sealed class InstallationRecord
{
    public const int TheOnlyId = 1;

    public int Id { get; init; } = TheOnlyId;

    public long Version { get; set; }

    /// <summary>SHA-256 of the CA's certificate; null until the first start. A gateway with another CA refuses to start.</summary>
    public byte[]? CaFingerprint { get; set; }
}
