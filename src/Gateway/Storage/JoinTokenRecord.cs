namespace Passthrough.Gateway.Storage;

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
