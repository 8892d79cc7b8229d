using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Agent.Enrolment;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Peers;

/// <summary>TLS 1.3 between nodes, mutual, under the certificates that enrolment issued. The identity is asked for at each
/// handshake, so a renewed certificate is in use from the next one on.</summary>
/// <param name="isRevoked">By the agent's id.</param>
internal sealed class NodeTls(CurrentIdentity identity, Func<string, bool> isRevoked, TimeProvider clock)
{
    private const string NotAnAgent = "its certificate is not an agent's";

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private (StoredIdentity Identity, SslStreamCertificateContext Context)? _own;

    /// <summary>Shakes hands with a node that was dialled, or that dials. The stream is the caller's to dispose of.</summary>
    /// <exception cref="PeerRefusedException">It is not a node of ours.</exception>
    public async Task<(SslStream Stream, AgentIdentity Peer)> ShakeAsync(Stream connection, bool dialled, CancellationToken cancel)
    {
        var own = identity.Value;
        string? refusal = null;
        AgentIdentity? peer = null;
        bool Judge(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors) =>
            (refusal = Refusal(shown as X509Certificate2, chain, errors, own, out peer)) is null;

        var stream = new SslStream(connection, leaveInnerStreamOpen: false);
        try
        {
            await (dialled
                ? stream.AuthenticateAsClientAsync(Dialling(own, Judge), cancel)
                : stream.AuthenticateAsServerAsync(Answering(own, Judge), cancel));
            return (stream, peer!);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            if (e is AuthenticationException or IOException)
            {
                throw new PeerRefusedException(refusal ?? $"it does not speak the nodes' TLS ({e.GetBaseException().Message.ReplaceLineEndings(" ")})", e);
            }

            throw;
        }
    }

    private SslClientAuthenticationOptions Dialling(StoredIdentity own, RemoteCertificateValidationCallback judge) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = GatewayTls.ChainTo(own.Authority, clock, ServerAuthentication),
        RemoteCertificateValidationCallback = judge,
        ClientCertificateContext = ContextOf(own),
    };

    private SslServerAuthenticationOptions Answering(StoredIdentity own, RemoteCertificateValidationCallback judge) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        ClientCertificateRequired = true,
        CertificateChainPolicy = GatewayTls.ChainTo(own.Authority, clock, ClientAuthentication),
        RemoteCertificateValidationCallback = judge,
        ServerCertificateContext = ContextOf(own),
    };

    private SslStreamCertificateContext ContextOf(StoredIdentity own)
    {
        var kept = _own;
        if (!ReferenceEquals(kept?.Identity, own))
        {
            _own = kept = (own, SslStreamCertificateContext.Create(own.Certificate, null, offline: true));
        }

        return kept!.Value.Context;
    }

    /// <summary>Null if it is a node of ours. The name in a certificate is an agent, not a host: at which address a node is dialled
    /// does not matter.</summary>
    private string? Refusal(X509Certificate2? shown, X509Chain? chain, SslPolicyErrors errors, StoredIdentity own, out AgentIdentity? peer)
    {
        peer = null;
        if (shown is null)
        {
            return "it shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status) switch
            {
                X509ChainStatusFlags.NotTimeValid => $"its certificate is not valid now, at {clock.GetUtcNow():u} by this machine's clock",
                X509ChainStatusFlags.NotValidForUsage => NotAnAgent,
                _ => "its certificate is not from the CA of this agent's gateway",
            };
        }

        peer = AgentIdentity.From(shown);
        return peer is null ? NotAnAgent
            : peer.Tenant != own.Name.Tenant ? $"it is agent {peer.AgentId} of another tenant, {peer.Tenant}"
            : peer.AgentId == own.Name.AgentId ? "it has this agent's own certificate: was the state directory copied? Enrol each agent by itself"
            : isRevoked(peer.AgentId) ? $"agent {peer.AgentId} was revoked"
            : null;
    }
}

/// <summary>What is at the other end is not a node of ours; the message says why, as the end of a sentence.</summary>
internal sealed class PeerRefusedException(string message, Exception? inner = null) : Exception(message, inner);
