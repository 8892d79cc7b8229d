using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.SignIn;

/// <summary>How a caller of the JSON endpoint stands.</summary>
internal enum KeyStanding
{
    Good,

    /// <summary>No key, no key of this form, or none that is known and not revoked.</summary>
    Bad,

    OtherTenant,

    /// <summary>The source address has shown too many wrong keys.</summary>
    TooManyTries,
}

/// <summary>Checks API keys against the directory in memory, which notices a revoked key within a second.</summary>
internal sealed class ApiKeyGate(TenantDirectory tenants, SourceLimits limits, TimeProvider time, ILogger<ApiKeyGate> log)
{
    private const string BearerScheme = "Bearer ";

    /// <returns>The key's id where the standing is good.</returns>
    public (KeyStanding Standing, string KeyId) Check(HttpContext context, string tenant)
    {
        var header = context.Request.Headers.Authorization is [{ } only] ? only : "";
        var key = header.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
            && ApiKey.TryParse(header[BearerScheme.Length..].Trim(), KeyPurpose.Validation, out var shown) ? shown : null;
        var stored = key is null ? null : tenants.Now.FindApiKey(key.Id, KeyPurpose.Validation, time.GetUtcNow());
        if (key is not null && stored is not null && key.Matches(stored))
        {
            return stored.Tenant == tenant ? (KeyStanding.Good, key.Id) : (Refuse(context, KeyStanding.OtherTenant), key.Id);
        }

        return (Refuse(context, KeyStanding.Bad), "");
    }

    /// <summary>Keys cannot be guessed; the limit keeps one source from filling the log.</summary>
    private KeyStanding Refuse(HttpContext context, KeyStanding standing)
    {
        if (!limits.MayFail(context))
        {
            return KeyStanding.TooManyTries;
        }

        log.ValidationRefused(context.Connection.RemoteIpAddress, standing);
        return standing;
    }
}
