using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Wire.Identity;

/// <summary>Who an agent is, as its certificate says: one URI in the subject alternative name,
/// <c>passthrough:TENANT/AGENT-ID</c>. The common name is for people and decides nothing.</summary>
public sealed record AgentIdentity(string Tenant, string AgentId)
{
    private const string Scheme = "passthrough:";

    public Uri ToUri() => new($"{Scheme}{Tenant}/{AgentId}");

    /// <summary>Null if the certificate names no agent, or more than one.</summary>
    public static AgentIdentity? From(X509Certificate2 certificate)
    {
        var found = new List<AgentIdentity>();
        foreach (var extension in certificate.Extensions.Where(e => e.Oid?.Value == "2.5.29.17"))
        {
            // The framework's reader of this extension lists DNS names and addresses only.
            var names = new System.Formats.Asn1.AsnReader(extension.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                var uri = new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 6);
                if (!tag.HasSameClassAndValue(uri))
                {
                    names.ReadEncodedValue();
                    continue;
                }

                var text = names.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, tag);
                var parts = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..].Split('/') : [];
                if (parts is [{ Length: > 0 }, { Length: > 0 }])
                {
                    found.Add(new AgentIdentity(parts[0], parts[1]));
                }
            }
        }

        return found.Count == 1 ? found[0] : null;
    }
}
