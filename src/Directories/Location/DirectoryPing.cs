using System.Buffers.Binary;
using System.Text;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Location;

/// <summary>The LDAP ping (MS-ADTS 6.3.3): a domain controller says in which site it is, and in which the asker is by his address.
/// Asked over the connection that is open and authenticated, not over UDP, where anybody could answer.</summary>
internal sealed record DirectoryPing(string DcSite, string ClientSite)
{
    private const string Attribute = "netlogon";
    private const ushort SamLogonResponseEx = 23; // MS-ADTS 6.3.1.3; 25 says that the user is not known, and nobody is asked for.
    private const int FixedBytes = 24; // Opcode, reserved, flags, GUID of the domain.
    private const int DcSiteField = 6, ClientSiteField = 7, Fields = 8;
    private const int MaxName = 255, MaxPointers = 16;

    // NETLOGON_NT_VERSION_5 | 5EX | WITH_CLOSEST_SITE (MS-ADTS 6.3.1.1), little-endian.
    private static readonly byte[] Version = [0x16, 0, 0, 0];

    public static SearchRequest Request(string domain, TimeSpan timeLimit) => new(
        "", SearchScope.Base, LdapFilter.All(LdapFilter.Equal("DnsDomain", domain), LdapFilter.Equal("NtVer", Version)),
        [Attribute], SizeLimit: 1, timeLimit);

    /// <summary>Null if the directory does not tell: it is no Active Directory, or does not understand the question.</summary>
    public static DirectoryPing? Read(SearchReply reply) => reply.Entries is [var entry, ..] && entry.First(Attribute) is { } value ? Read(value) : null;

    /// <summary>Reads NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS 6.3.1.9): eight names, compressed as in DNS (RFC 1035 4.1.4). Any bytes
    /// may be given.</summary>
    public static DirectoryPing? Read(ReadOnlySpan<byte> value)
    {
        if (value.Length < FixedBytes || BinaryPrimitives.ReadUInt16LittleEndian(value) != SamLogonResponseEx)
        {
            return null;
        }

        var (at, dcSite, clientSite) = (FixedBytes, "", "");
        for (var field = 0; field < Fields; field++)
        {
            if (ReadName(value, ref at) is not { } name)
            {
                return null;
            }

            dcSite = field == DcSiteField ? name : dcSite;
            clientSite = field == ClientSiteField ? name : clientSite;
        }

        return new DirectoryPing(dcSite, clientSite);
    }

    private static string? ReadName(ReadOnlySpan<byte> message, ref int next)
    {
        var (name, at, pointers) = (new StringBuilder(), next, 0);
        while (at < message.Length && name.Length <= MaxName)
        {
            var length = message[at];
            if (length == 0)
            {
                next = pointers == 0 ? at + 1 : next;
                return name.ToString();
            }

            if (length >= 0xC0)
            {
                if (at + 1 >= message.Length || pointers == MaxPointers)
                {
                    return null;
                }

                next = pointers++ == 0 ? at + 2 : next;
                at = ((length & 0x3F) << 8) | message[at + 1];
            }
            else if (length > 63 || at + 1 + length > message.Length)
            {
                return null;
            }
            else
            {
                name.Append(name.Length > 0 ? "." : "").Append(Encoding.Latin1.GetString(message.Slice(at + 1, length)));
                at += 1 + length;
            }
        }

        return null;
    }
}
