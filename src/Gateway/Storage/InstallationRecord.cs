namespace Passthrough.Gateway.Storage;

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
