namespace Passthrough.Gateway.Storage;

/// <summary>What a key opens; one that opens the one never opens the other. Stored as a number.</summary>
public enum KeyPurpose
{
    /// <summary>A service has passwords of one tenant validated.</summary>
    Validation = 0,

    /// <summary>An administrator of one tenant looks at its page.</summary>
    TenantPage = 1,
}

/// <summary>A secret that opens something of one tenant.</summary>
public sealed class ApiKeyRecord
{
    /// <summary>The half of the key that may be shown.</summary>
    public required string Id { get; init; }

    public required string TenantId { get; init; }

    public required KeyPurpose Purpose { get; init; }

    /// <summary>Which service, or person, it was made for.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required byte[] SecretHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Sessions that were begun with it until then are over; null: none was ended.</summary>
    public DateTimeOffset? SignedOutAt { get; set; }
}
