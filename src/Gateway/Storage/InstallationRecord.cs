namespace Passthrough.Gateway.Storage;

/// <summary>One row: what there is once for all instances of the gateway.</summary>
public sealed class InstallationRecord
{
    public const int TheOnlyId = 1;

    public int Id { get; init; } = TheOnlyId;

    /// <summary>Grows with every change that a running gateway must notice.</summary>
    public long Version { get; set; }

    /// <summary>SHA-256 of the CA's certificate; null until the first start. A gateway with another CA refuses to start.</summary>
    public byte[]? CaFingerprint { get; set; }

    /// <summary>Since when there has been an instance that runs and reaches this database, without a gap; by its clock.</summary>
    public DateTimeOffset? AvailableSince { get; set; }
}
