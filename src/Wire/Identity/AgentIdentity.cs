using System.Buffers;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Wire.Identity;

/// <summary>Who an agent is, as its certificate says: one URI in the subject alternative name,
/// <c>passthrough:TENANT/AGENT-ID</c>. The common name is for people and decides nothing.</summary>
public sealed record AgentIdentity
{
    /// <summary>Characters in a tenant's name and in an agent's id, 1 to this.</summary>
    public const int MaxLength = 64;

    private const string Scheme = "passthrough:";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <exception cref="ArgumentException">A part is not as <see cref="IsValidPart"/> wants it.</exception>
    public AgentIdentity(string tenant, string agentId)
    {
        (Tenant, AgentId) = (Checked(tenant, nameof(tenant)), Checked(agentId, nameof(agentId)));
    }

    public string Tenant { get; }

    public string AgentId { get; }

    /// <summary>1 to 64 letters, digits, dots, underscores and hyphens of ASCII: nothing that a URI escapes, a path walks by,
    /// or a log is fooled by. Names that differ in case only are different.</summary>
    public static bool IsValidPart(string text) =>
        text.Length is > 0 and <= MaxLength && !text.AsSpan().ContainsAnyExcept(Allowed) && text is not ("." or "..");

    /// <summary>What goes into the certificate.</summary>
    public Uri ToUri() => new($"{Scheme}{Tenant}/{AgentId}");

    /// <summary>Null if the certificate names no agent, more than one, or is malformed where that is said. Whether the
    /// certificate is to be believed is not looked at here.</summary>
    public static AgentIdentity? From(X509Certificate2 certificate)
    {
        var found = CertificateUris.Of(certificate).Where(uri => uri.StartsWith(Scheme, StringComparison.Ordinal)).Take(2).ToList();
        return found is [var only] ? Parse(only) : null;
    }

    private static AgentIdentity? Parse(string uri) =>
        uri[Scheme.Length..].Split('/') is [var tenant, var agentId] && IsValidPart(tenant) && IsValidPart(agentId)
            ? new AgentIdentity(tenant, agentId)
            : null;

    private static string Checked(string part, string name) =>
        IsValidPart(part) ? part : throw new ArgumentException("1 to 64 letters, digits, dots, underscores and hyphens.", name);
}
