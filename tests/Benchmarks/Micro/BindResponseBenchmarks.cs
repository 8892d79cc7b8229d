using System.Formats.Asn1;
using BenchmarkDotNet.Attributes;
using Passthrough.Directories.Ldap;

namespace Passthrough.Benchmarks.Micro;

/// <summary>A directory's answer to a bind. Baseline: the framework's reader of ASN.1.</summary>
public class BindResponseBenchmarks
{
    private readonly byte[] _response = Response();

    [Benchmark(Baseline = true)]
    public int GeneralReader()
    {
        var message = new AsnReader(_response, AsnEncodingRules.BER).ReadSequence();
        message.ReadInteger();
        var response = message.ReadSequence(new Asn1Tag(TagClass.Application, 1));
        return response.ReadEnumeratedBytes().Span[0] + response.ReadOctetString().Length + response.ReadOctetString().Length;
    }

    [Benchmark]
    public int Read()
    {
        if (LdapMessage.Measure(_response, out _) != Framing.Complete || !LdapMessage.TryRead(_response, out var message))
        {
            throw new InvalidOperationException("The response is not read.");
        }

        var cursor = new BerCursor(message.Body);
        return LdapResult.TryRead(ref cursor, out var result) ? result.Code : throw new InvalidOperationException("The result is not read.");
    }

    /// <summary>A refusal as Active Directory writes it.</summary>
    private static byte[] Response()
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(7);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, 1)))
            {
                writer.WriteEncodedValue([0x0a, 0x01, 49]);
                writer.WriteOctetString([]);
                writer.WriteOctetString("80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563"u8);
            }
        }

        return writer.Encode();
    }
}
