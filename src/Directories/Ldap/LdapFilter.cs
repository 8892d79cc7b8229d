using System.Formats.Asn1;
using System.Text;

namespace Passthrough.Directories.Ldap;

/// <summary>A search filter (RFC 4511 4.5.1.7), made as a tree and written as BER. There is no text form and so nothing to
/// escape: whatever a person typed stays one value.</summary>
internal abstract class LdapFilter
{
    /// <summary>The attribute has some value.</summary>
    public static LdapFilter Present(string attribute) => new PresentFilter(attribute);

    /// <summary>The attribute has this value by its own matching rule.</summary>
    public static LdapFilter Equal(string attribute, string value) =>
        new EqualityFilter(attribute, Encoding.UTF8.GetBytes(value));

    public static LdapFilter Equal(string attribute, byte[] value) => new EqualityFilter(attribute, value);

    public static LdapFilter All(params LdapFilter[] filters) => new SetFilter(0, filters);

    public static LdapFilter Any(params LdapFilter[] filters) => new SetFilter(1, filters);

    public abstract void Write(AsnWriter writer);

    private static Asn1Tag Tag(int number, bool isConstructed) => new(TagClass.ContextSpecific, number, isConstructed);

    private sealed class PresentFilter(string attribute) : LdapFilter
    {
        public override void Write(AsnWriter writer) => writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute), Tag(7, false));
    }

    private sealed class EqualityFilter(string attribute, byte[] value) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Tag(3, true)))
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute));
                writer.WriteOctetString(value);
            }
        }
    }

    private sealed class SetFilter(int number, LdapFilter[] filters) : LdapFilter
    {
        // A sequence, although the grammar says SET OF: BER leaves the order free, and a sequence keeps ours.
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Tag(number, true)))
            {
                foreach (var filter in filters)
                {
                    filter.Write(writer);
                }
            }
        }
    }
}
