using System.Formats.Asn1;
using System.Text;

namespace Passthrough.Directories.Tests.Support;

/// <summary>What a client sent, read by the framework's own reader: a second opinion on the bytes.</summary>
internal sealed record Question(int Id, int Operation, ReadOnlyMemory<byte> Element)
{
    public const int Bind = 0, Unbind = 2, Search = 3, Modify = 6, Abandon = 16, Extended = 23;

    public static Question Read(byte[] message)
    {
        var outer = new AsnReader(message, AsnEncodingRules.BER);
        var inner = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var id = (int)inner.ReadInteger();
        var tag = inner.PeekTag();
        var question = new Question(id, tag.TagValue, inner.ReadEncodedValue());
        if (inner.HasData)
        {
            inner.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)); // Controls.
        }

        inner.ThrowIfNotEmpty();
        return question;
    }

    /// <summary>The name and password of a simple bind.</summary>
    public (string Name, string Password) ReadBind()
    {
        var body = new AsnReader(Element, AsnEncodingRules.BER).ReadSequence(new Asn1Tag(TagClass.Application, Bind));
        if (body.ReadInteger() != 3)
        {
            throw new InvalidDataException("not LDAPv3");
        }

        var name = Encoding.UTF8.GetString(body.ReadOctetString());
        var password = Encoding.UTF8.GetString(body.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 0)));
        body.ThrowIfNotEmpty();
        return (name, password);
    }

    /// <summary>The base of a search.</summary>
    public string ReadBase() => Encoding.UTF8.GetString(
        new AsnReader(Element, AsnEncodingRules.BER).ReadSequence(new Asn1Tag(TagClass.Application, Search)).ReadOctetString());
}
