using System.Formats.Asn1;
using System.Text;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Tests.Support;

/// <summary>What a directory may send, as bytes.</summary>
internal static class Answers
{
    public const string WrongPassword = "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563";

    public static byte[] Bind(int id, int code, string diagnostic = "") => Result(id, LdapMessage.BindResponse, code, diagnostic);

    public static byte[] Done(int id, int code = 0, string diagnostic = "") =>
        Result(id, LdapMessage.SearchResultDone, code, diagnostic);

    public static byte[] Modified(int id, int code = 0) => Result(id, LdapMessage.ModifyResponse, code, "");

    public static byte[] Result(int id, int operation, int code, string diagnostic, Action<AsnWriter>? more = null) =>
        Message(id, operation, writer =>
        {
            writer.WriteEnumeratedValue((AnyCode)code);
            writer.WriteOctetString([]);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(diagnostic));
            more?.Invoke(writer);
        });

    public static byte[] Entry(int id, string name, params (string Name, byte[][] Values)[] attributes) =>
        Message(id, LdapMessage.SearchResultEntry, writer =>
        {
            writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
            using (writer.PushSequence())
            {
                foreach (var attribute in attributes)
                {
                    using var one = writer.PushSequence();
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute.Name));
                    using var values = writer.PushSetOf();
                    foreach (var value in attribute.Values)
                    {
                        writer.WriteOctetString(value);
                    }
                }
            }
        });

    public static byte[] Account(int id, string name, Guid guid) => Entry(id, name, ("objectGUID", [guid.ToByteArray()]));

    public static byte[] Reference(int id, string uri) =>
        Message(id, LdapMessage.SearchResultReference, writer => writer.WriteOctetString(Encoding.UTF8.GetBytes(uri)));

    public static byte[] Extended(int id, string? name, byte[]? value) =>
        Result(id, LdapMessage.ExtendedResponse, 0, "", writer =>
        {
            if (name is not null)
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(name), new Asn1Tag(TagClass.ContextSpecific, 10));
            }

            if (value is not null)
            {
                writer.WriteOctetString(value, new Asn1Tag(TagClass.ContextSpecific, 11));
            }
        });

    public static byte[] NoticeOfDisconnection() => Extended(0, "1.3.6.1.4.1.1466.20036", null);

    public static byte[] Message(int id, int operation, Action<AsnWriter> body)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, operation, isConstructed: true)))
            {
                body(writer);
            }
        }

        return writer.Encode();
    }

    private enum AnyCode;
}
