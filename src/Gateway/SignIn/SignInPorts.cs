using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;

namespace Passthrough.Gateway.SignIn;

/// <summary>What sign-in needs of the rest of the gateway: three calls.</summary>
/// <param name="FindTenant">The tenant that owns a name suffix (as in <see cref="TypedName.Suffix"/>); null if none does.</param>
/// <param name="Validate">Asks an agent. Answers by the deadline whatever happens; never throws for a failure.</param>
/// <param name="FindApiKey">The stored half of a key by its id; null if it does not exist or is revoked.</param>
public sealed record SignInPorts(
    Func<string, CancellationToken, ValueTask<string?>> FindTenant,
    Func<string, TypedName, TypedPassword, CancellationToken, Task<ValidationOutcome>> Validate,
    Func<string, CancellationToken, ValueTask<StoredApiKey?>> FindApiKey);

/// <param name="Id">The public half of the key.</param>
/// <param name="Tenant">The only tenant it may ask about.</param>
/// <param name="SecretHash">SHA-256 of the secret half, 32 bytes.</param>
public sealed record StoredApiKey(string Id, string Tenant, byte[] SecretHash);
