namespace Passthrough.Gateway.Storage;

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
