using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Passthrough.OperatorConsole;

/// <summary>The way to an agent: its local socket.</summary>
internal static class OperatorChannel
{
    public static GrpcChannel Open(string socket) => GrpcChannel.ForAddress("http://operator", new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancel) =>
            {
                var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await local.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                    return new NetworkStream(local, ownsSocket: true);
                }
                catch
                {
                    local.Dispose();
                    throw;
                }
            },
        },
    });

    /// <summary>The gRPC client takes an instant.</summary>
    public static DateTime DeadlineIn(TimeSpan patience) => TimeProvider.System.GetUtcNow().UtcDateTime + patience;

    /// <summary>Why the agent could not be asked, and what to do, in one line.</summary>
    public static string Explain(string socket, RpcException fault)
    {
        for (Exception? cause = fault.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return $"{socket} may not be used: run pbm as root or as the agent's user";
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return $"nobody answers at {socket}: the agent was killed; start it with passthrough-agent run";
                case SocketException:
                    return $"there is no socket {socket}: is the agent running, and is this its OperatorSocket?";
            }
        }

        return fault.StatusCode switch
        {
            StatusCode.NotFound or StatusCode.InvalidArgument or StatusCode.Unavailable => fault.Status.Detail,
            StatusCode.Unimplemented => $"the agent at {socket} does not know this command: it is of another version",
            StatusCode.DeadlineExceeded => $"the agent at {socket} did not answer in time: see its log",
            _ => $"the agent at {socket} could not answer: {fault.Status.Detail}",
        };
    }
}
