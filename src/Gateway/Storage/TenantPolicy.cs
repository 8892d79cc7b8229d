using Google.Protobuf;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Storage;

/// <summary>How the lockout numbers of a tenant are stored: as JSON, with what was set and nothing else, so that a later release may
/// have better defaults and more numbers.</summary>
public static class TenantPolicy
{
    private static readonly JsonParser Reader = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <param name="stored">Null: none was set.</param>
    public static LockoutNumbers Read(string? stored) => stored is null ? new LockoutNumbers() : Reader.Parse<LockoutNumbers>(stored);

    /// <returns>Null if none is set.</returns>
    public static string? Write(LockoutNumbers set) => set.CalculateSize() == 0 ? null : JsonFormatter.Default.Format(set);
}
