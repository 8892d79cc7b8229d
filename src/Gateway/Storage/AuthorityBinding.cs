using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Hosting;

namespace Passthrough.Gateway.Storage;

/// <summary>One database, one CA: agents on the roster trust no other.</summary>
public static class AuthorityBinding
{
    /// <summary>Writes the CA's fingerprint down at the first start, and compares it at every other.</summary>
    /// <exception cref="StartFaultException">The database belongs to another CA.</exception>
    public static async Task CheckAsync(GatewayContext context, byte[] fingerprint, CancellationToken cancel)
    {
        await context.Installation.Where(i => i.CaFingerprint == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.CaFingerprint, fingerprint), cancel);
        var stored = await context.Installation.AsNoTracking().Select(i => i.CaFingerprint).SingleAsync(cancel);
        if (stored is null || !stored.AsSpan().SequenceEqual(fingerprint))
        {
            throw new StartFaultException(
                FaultKind.DatabaseOfAnotherAuthority,
                $"the database belongs to a gateway with the CA {Convert.ToHexStringLower(stored ?? [])}, the state directory has "
                + $"{Convert.ToHexStringLower(fingerprint)}: copy ca.crt and ca.key from the instance that made the database");
        }
    }
}
