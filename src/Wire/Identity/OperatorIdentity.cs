using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Wire.Identity;

/// <summary>Who an operator is, as the certificate says: one URI in the subject alternative name,
/// <c>passthrough-operator:ROLE/NAME</c> with the role <c>read</c> or <c>operate</c>. An agent's certificate has no such URI, so it is
/// nobody's who operates, whoever issued it.</summary>
public sealed record OperatorIdentity(string Name, bool MayOperate)
{
    /// <summary>Characters of a name at most: it stands in audit trails beside other things.</summary>
    public const int MaxLength = 40;

    private const string Scheme = "passthrough-operator:";

    /// <summary>Null if the certificate names no operator, more than one, or is malformed where that is said. Whether the
    /// certificate is to be believed is not looked at here.</summary>
    public static OperatorIdentity? From(X509Certificate2 certificate)
    {
        var found = CertificateUris.Of(certificate).Where(uri => uri.StartsWith(Scheme, StringComparison.Ordinal)).Take(2).ToList();
        return found is [var only] ? Parse(only[Scheme.Length..]) : null;
    }

    /// <summary>What goes into the certificate.</summary>
    public Uri ToUri() => new($"{Scheme}{(MayOperate ? "operate" : "read")}/{Name}");

    private static OperatorIdentity? Parse(string text) => text.Split('/') switch
    {
        ["read" or "operate", { Length: <= MaxLength } name] parts when AgentIdentity.IsValidPart(name) => new OperatorIdentity(name, parts[0] == "operate"),
        _ => null,
    };
}
