using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Passthrough.Wire.Identity;

namespace Passthrough.OperatorConsole;

/// <summary>The way to an agent: its local socket, or mutual TLS to its operators' port.</summary>
internal static class OperatorChannel
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5), PingTime = TimeSpan.FromSeconds(10);

    /// <exception cref="ConsoleFaultException">A file cannot be used.</exception>
    public static GrpcChannel Open(ConsoleSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = ConnectTime,
            // An agent that stands still is told from one that has nothing to say.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = PingTime,
            KeepAlivePingTimeout = PingTime,
        };
        if (settings.IsSocket)
        {
            handler.ConnectCallback = async (_, cancel) => await DialAsync(settings.Target, cancel);
        }
        else
        {
            handler.SslOptions = Tls(settings);
        }

        return GrpcChannel.ForAddress(
            settings.IsSocket ? "http://operator" : $"https://{settings.Target}",
            new GrpcChannelOptions { DisposeHttpClient = true, HttpHandler = handler, MaxReceiveMessageSize = 4 * 1024 * 1024 });
    }

    /// <summary>Why the agent could not be asked, and what to do, in one line.</summary>
    public static string Explain(ConsoleSettings settings, RpcException fault)
    {
        var target = settings.Target;
        for (Exception? cause = fault.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return $"{target} may not be used: run pbm as root or as the agent's user";
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return $"nobody answers at {target}: start the agent with passthrough-agent run";
                case SocketException when settings.IsSocket:
                    return $"there is no socket {target}: is the agent running, and is this its OperatorSocket?";
                case AuthenticationException when !settings.IsSocket:
                    return $"what answers at {target} is not an agent of the gateway's CA in --ca: {cause.Message.ReplaceLineEndings(" ")}";
                case IOException or HttpIOException when !settings.IsSocket:
                    return $"the agent at {target} ended the connection: is the certificate in --certificate an operator's, of the CA in its "
                        + "Operator:TrustedCaFile, and still valid? Its log says (event 2605)";
            }
        }

        return fault.StatusCode switch
        {
            StatusCode.Unimplemented => $"the agent at {target} is of another version",
            StatusCode.ResourceExhausted => "the line is too long for an agent",
            StatusCode.DeadlineExceeded => $"the agent at {target} did not answer in time: see its log",
            StatusCode.PermissionDenied => fault.Status.Detail,
            _ => $"the agent at {target} could not answer: {fault.Status.Detail}",
        };
    }

    private static async Task<Stream> DialAsync(string socket, CancellationToken cancel)
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
    }

    private static SslClientAuthenticationOptions Tls(ConsoleSettings settings)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPemFile(Needed(settings.Authorities, "--ca", ConsoleSettings.AuthoritiesVariable));
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = policy,
            // The certificate names an agent, not a host: at which address it is dialled does not matter.
            RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                shown is X509Certificate2 certificate && !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && AgentIdentity.From(certificate) is not null,
            ClientCertificateContext = SslStreamCertificateContext.Create(Own(settings), null, offline: true),
        };
    }

    private static X509Certificate2 Own(ConsoleSettings settings)
    {
        var file = Needed(settings.Certificate, "--certificate", ConsoleSettings.CertificateVariable);
        try
        {
            return X509Certificate2.CreateFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            throw new ConsoleFaultException($"{file} holds no certificate with its key: {e.Message}", e);
        }
    }

    private static string Needed(string file, string option, string variable) =>
        file.Length == 0 ? throw new ConsoleFaultException($"{option} is needed for host:port: give it, or set {variable}")
        : File.Exists(file) ? file
        : throw new ConsoleFaultException($"there is no file {file} that could be read for {option}");
}

/// <summary>What hinders the console itself, in one line.</summary>
internal sealed class ConsoleFaultException(string message, Exception? cause = null) : Exception(message, cause);
