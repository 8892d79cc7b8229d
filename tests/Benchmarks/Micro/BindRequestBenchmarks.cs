using System.Formats.Asn1;
using System.Text;
using BenchmarkDotNet.Attributes;
using Passthrough.Directories.Ldap;

namespace Passthrough.Benchmarks.Micro;

/// <summary>One bind on its way to a directory. Baseline: the framework's writer of ASN.1 (which also leaves copies of the
/// password behind).</summary>
public class BindRequestBenchmarks
{
    private const string Name = "CN=user00001,OU=People,DC=corp,DC=example";
    private readonly byte[] _password = "Correct horse 00001"u8.ToArray();
    private readonly byte[] _buffer = new byte[BindRequest.MaxBytes];
    private int _messageId;

    [Benchmark(Baseline = true)]
    public int GeneralWriter()
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(++_messageId);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, 0)))
            {
                writer.WriteInteger(3);
                writer.WriteOctetString(Encoding.UTF8.GetBytes(Name));
                writer.WriteOctetString(_password, new Asn1Tag(TagClass.ContextSpecific, 0));
            }
        }

        return writer.Encode(_buffer);
    }

    [Benchmark]
    public int Write() => BindRequest.Write(++_messageId, Name, _password, _buffer);
}
