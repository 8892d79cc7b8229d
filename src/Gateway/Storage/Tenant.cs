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

    /// <summary>The numbers of the lockout rule that were set for it, as <see cref="TenantPolicy"/> writes them; null if none
    /// was.</summary>
    public string? LockoutPolicy { get; set; }

    public List<Suffix> Suffixes { get; } = [];

    public List<AllowedSubtree> AllowedSubtrees { get; } = [];
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
    public required string Forest { get; set; }

    /// <summary>More forests in which the names are searched; null if there is none.</summary>
    public List<string>? OtherForests { get; set; }

    /// <summary>All of them, in the order in which they were configured.</summary>
    public IEnumerable<string> Forests => [Forest, .. OtherForests ?? []];
}

/// <summary>Where a tenant's agents may bring suffixes of their own: a DNS name and all under it.</summary>
public sealed class AllowedSubtree
{
    public required string TenantId { get; init; }

    /// <summary>Normalised; belongs to one tenant only, and overlaps nothing that another tenant has.</summary>
    public required string Name { get; init; }
}
