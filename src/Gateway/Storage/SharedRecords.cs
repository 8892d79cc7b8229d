namespace Passthrough.Gateway.Storage;

/// <summary>A gateway instance that uses this database. Forgotten when it was not seen for a day.</summary>
public sealed class InstanceRecord
{
    /// <summary>https://host:port of its stream listener, as other instances and, unless configured otherwise, agents dial it.</summary>
    public required string Address { get; init; }

    /// <summary>Which run of the program it is.</summary>
    public required Guid Run { get; set; }

    /// <summary>Grows while it runs: others see that it lives without comparing clocks.</summary>
    public long Beat { get; set; }

    public DateTimeOffset SeenAt { get; set; }
}

/// <summary>A key of the page's cookies.</summary>
public sealed class PageKeyRecord
{
    /// <summary>From 1, one more each time.</summary>
    public required int Number { get; init; }

    /// <summary>Under a key that only who has the CA's key can make.</summary>
    public required byte[] Sealed { get; init; }
}

/// <summary>What is known of the nodes of one tenant's cluster; JSON, read and written by <see cref="PeerBooks"/>.</summary>
public sealed class PeerBookRecord
{
    public required string TenantId { get; init; }

    public required string Book { get; set; }

    /// <summary>Who writes a book names the version that was read: of two at once, one succeeds.</summary>
    public long Version { get; set; }
}

/// <summary>An account whose locks an operator has ended.</summary>
public sealed class EndedLockRecord
{
    public required string TenantId { get; init; }

    public required string Forest { get; init; }

    public required Guid ObjectGuid { get; init; }

    /// <summary>Another one each time that it is ended.</summary>
    public required Guid Mark { get; set; }

    public DateTimeOffset EndedAt { get; set; }
}
