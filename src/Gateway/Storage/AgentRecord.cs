namespace Passthrough.Gateway.Storage;

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
