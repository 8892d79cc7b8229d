using System.Text;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Tests.Support;

/// <summary>Makes wrong messages of right ones.</summary>
internal sealed class Mutator(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>One right message of each kind, of both servers' habits.</summary>
    public static IReadOnlyList<byte[]> Seeds { get; } =
    [
        Answers.Bind(1, 0),
        Answers.Bind(1, 49, Answers.WrongPassword),
        Answers.Bind(0x12345678, 8, "Ünïcödé"),
        Answers.Account(1, "CN=Alice,CN=Users,DC=corp,DC=example", new Guid("00112233-4455-6677-8899-aabbccddeeff")),
        Answers.Entry(1, "", ("currentTime", ["20250101000000.0Z"u8.ToArray()]), ("x", [[], [1], new byte[300]])),
        Answers.Reference(1, "ldap://corp.example/CN=Configuration,DC=corp,DC=example"),
        Answers.Done(1),
        Answers.Done(1, 10, "0000202B: RefErr: DSID-031007F9, data 0, 1 access points\n\tref 1: 'corp'\n"),
        Answers.Result(1, LdapMessage.SearchResultDone, 10, "", writer =>
        {
            using (writer.PushSequence(new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 3, true)))
            {
                writer.WriteOctetString("ldap://other"u8);
            }
        }),
        Answers.Modified(1, 19),
        Answers.Extended(1, "1.3.6.1.4.1.4203.1.11.3", Encoding.UTF8.GetBytes("dn:cn=a")),
        Answers.NoticeOfDisconnection(),
        Answers.Message(1, LdapMessage.IntermediateResponse, writer => writer.WriteOctetString("x"u8)),
        Convert.FromHexString("308400000010" + "020101" + "618400000007" + "0A010004000400"),
    ];

    /// <summary>One to four changes of a message, or of two in a row.</summary>
    public byte[] Next()
    {
        var bytes = new List<byte>(Pick());
        if (_random.Next(8) == 0)
        {
            bytes.AddRange(Pick());
        }

        for (var change = _random.Next(1, 5); change > 0; change--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private byte[] Pick() => Seeds[_random.Next(Seeds.Count)];

    private void Change(List<byte> bytes)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)_random.Next(256));
            return;
        }

        var at = _random.Next(bytes.Count);
        switch (_random.Next(9))
        {
            case 0: bytes[at] ^= (byte)(1 << _random.Next(8)); break;
            case 1: bytes[at] = (byte)_random.Next(256); break;
            case 2: bytes[at] = Interesting(); break;
            case 3: bytes.Insert(at, (byte)_random.Next(256)); break;
            case 4: bytes.RemoveRange(at, _random.Next(1, Math.Min(8, bytes.Count - at) + 1)); break;
            case 5: bytes.RemoveRange(at, bytes.Count - at); break;
            case 6: bytes.InsertRange(at, bytes.GetRange(at, _random.Next(1, Math.Min(16, bytes.Count - at) + 1))); break;
            case 7: bytes.InsertRange(at, Pick()); break;
            default: // A length that lies.
                bytes[at] = (byte)(0x80 | _random.Next(6));
                bytes.InsertRange(at, [Interesting(), Interesting()]);
                break;
        }
    }

    // Lengths, tags and numbers at their edges.
    private byte Interesting()
    {
        ReadOnlySpan<byte> edges = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff, 0x02, 0x04, 0x0a, 0x30, 0x31, 0x61, 0x64, 0x65, 0x78];
        return edges[_random.Next(edges.Length)];
    }
}
