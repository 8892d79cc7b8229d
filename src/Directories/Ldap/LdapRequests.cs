using System.Formats.Asn1;
using System.Text;

namespace Passthrough.Directories.Ldap;

/// <summary>A request that is written with the general BER writer: everything but a bind.</summary>
internal interface ILdapRequest
{
    /// <summary>Writes protocolOp of RFC 4511 4.1.1, and the controls if there are any.</summary>
    void Write(AsnWriter writer);
}

/// <summary>How far below the base a search looks (RFC 4511 4.5.1.2).</summary>
internal enum SearchScope
{
    Base = 0,
    OneLevel = 1,
    Subtree = 2,
}

/// <summary>SearchRequest of RFC 4511 4.5.1.</summary>
/// <param name="SizeLimit">Entries that are wanted at most: 1 to <see cref="LdapLimits.MaxEntries"/>.</param>
/// <param name="TimeLimit">After this the directory may give up; whole seconds, rounded up.</param>
internal sealed record SearchRequest(
    string BaseName, SearchScope Scope, LdapFilter Filter, IReadOnlyList<string> Attributes, int SizeLimit, TimeSpan TimeLimit)
    : ILdapRequest
{
    /// <summary>LDAP_SERVER_DOMAIN_SCOPE_OID (MS-ADTS 3.1.1.3.4.1.4): otherwise a search of a whole domain brings a reference for each
    /// domain below it, and three more.</summary>
    private static readonly byte[] DomainScope = "1.2.840.113556.1.4.1339"u8.ToArray();

    public void Write(AsnWriter writer)
    {
        WriteOperation(writer);
        if (Scope == SearchScope.Subtree)
        {
            // Not critical: a directory that does not know it sends the references, which are skipped.
            using var controls = writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true));
            using var control = writer.PushSequence();
            writer.WriteOctetString(DomainScope);
        }
    }

    private void WriteOperation(AsnWriter writer)
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 3, isConstructed: true)))
        {
            writer.WriteOctetString(Encoding.UTF8.GetBytes(BaseName));
            writer.WriteEnumeratedValue(Scope);
            writer.WriteEnumeratedValue(DerefAliases.Never);
            writer.WriteInteger(Math.Clamp(SizeLimit, 1, LdapLimits.MaxEntries));
            writer.WriteInteger((int)Math.Ceiling(TimeLimit.TotalSeconds));
            writer.WriteBoolean(false); // typesOnly
            Filter.Write(writer);
            using (writer.PushSequence())
            {
                foreach (var attribute in Attributes)
                {
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute));
                }
            }
        }
    }

    private enum DerefAliases
    {
        Never = 0,
    }
}

/// <summary>ModifyRequest of RFC 4511 4.6.</summary>
internal sealed record ModifyRequest(string Name, IReadOnlyList<Modification> Changes) : ILdapRequest
{
    public void Write(AsnWriter writer)
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 6, isConstructed: true)))
        {
            writer.WriteOctetString(Encoding.UTF8.GetBytes(Name));
            using (writer.PushSequence())
            {
                foreach (var change in Changes)
                {
                    change.Write(writer);
                }
            }
        }
    }
}

/// <summary>What to do with the values of one attribute.</summary>
internal enum ModifyOperation
{
    Add = 0,
    Delete = 1,
    Replace = 2,
}

internal sealed record Modification(ModifyOperation Operation, string Attribute, IReadOnlyList<byte[]> Values)
{
    public void Write(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteEnumeratedValue(Operation);
            using (writer.PushSequence())
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(Attribute));
                using (writer.PushSetOf())
                {
                    foreach (var value in Values)
                    {
                        writer.WriteOctetString(value);
                    }
                }
            }
        }
    }
}

/// <summary>ExtendedRequest of RFC 4511 4.12.</summary>
/// <param name="Name">requestName, an OID.</param>
internal sealed record ExtendedRequest(string Name, byte[]? Value = null) : ILdapRequest
{
    public void Write(AsnWriter writer)
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 23, isConstructed: true)))
        {
            writer.WriteOctetString(Encoding.ASCII.GetBytes(Name), new Asn1Tag(TagClass.ContextSpecific, 0));
            if (Value is not null)
            {
                writer.WriteOctetString(Value, new Asn1Tag(TagClass.ContextSpecific, 1));
            }
        }
    }
}

/// <summary>AbandonRequest of RFC 4511 4.11: the answer is no longer wanted. Has no response.</summary>
internal sealed record AbandonRequest(int MessageId) : ILdapRequest
{
    public void Write(AsnWriter writer) => writer.WriteInteger(MessageId, new Asn1Tag(TagClass.Application, 16));
}

/// <summary>UnbindRequest of RFC 4511 4.3: the last message of a connection. Has no response.</summary>
internal sealed record UnbindRequest : ILdapRequest
{
    public void Write(AsnWriter writer) => writer.WriteNull(new Asn1Tag(TagClass.Application, 2));
}
