using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Passthrough.Decisions.Operator;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Operator;

/// <summary>Who is at the other end of an operator's connection.</summary>
internal static partial class OperatorCallers
{
    /// <summary>SOL_SOCKET and SO_PEERCRED of Linux: struct ucred of three 32-bit numbers, process, user and group (unix(7)).</summary>
    private const int SocketLevel = 1, PeerCredentials = 17;

    /// <summary>Who can open the local socket operates: its file permissions let in nobody else. Over the network the certificate says
    /// it; null if it says nothing.</summary>
    /// <param name="says">Who is at the console, as it says itself: two people may both be root.</param>
    public static OperatorCaller? Of(HttpContext context, string says)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket)
        {
            var user = $"uid {UserOf(socket)}";
            return new OperatorCaller(PersonName().IsMatch(says) ? $"{user} ({says})" : user, OperatorRole.Operate);
        }

        return context.Connection.ClientCertificate is { } certificate && OperatorIdentity.From(certificate) is { } identity
            ? new OperatorCaller(identity.Name, identity.MayOperate ? OperatorRole.Operate : OperatorRole.Read)
            : null;
    }

    private static uint UserOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(credentials[4..]);
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,32}$")]
    private static partial Regex PersonName();
}
