using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Passthrough.Agent.Hosting;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;
using EnrolmentClient = Passthrough.Wire.V1.Enrolment.EnrolmentClient;

namespace Passthrough.Agent.Enrolment;

/// <summary>Enrols this machine once: a key that never leaves it, a certificate for it from the gateway that made the token.</summary>
internal sealed class Enroller(IdentityStore store, TimeProvider clock, string programVersion)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    /// <exception cref="StartFaultException">It did not work; the token is used up only if the gateway's roster shows the agent.</exception>
    public async Task<EnrolmentRecord> EnrolAsync(Uri gateway, JoinToken token, string name, CancellationToken cancel)
    {
        store.EnsureWritable();
        if (store.IsEnrolled())
        {
            var known = store.LoadRecord();
            throw new StartFaultException(
                FaultKind.AlreadyEnrolled,
                $"this machine is agent {known.AgentId} ({known.AgentName}) of tenant {known.Tenant} already: to enrol it anew, "
                + $"revoke that agent at the gateway and delete {store.IdentityFile}");
        }

        using var authority = await FetchAuthorityAsync(gateway, token, cancel);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var reply = await SendAsync(gateway, authority, new EnrolRequest
        {
            JoinToken = token.Reveal(),
            CertificateRequest = ByteString.CopyFrom(CertificateOrder.Write(name, key)),
            AgentName = name,
            ProgramVersion = programVersion,
            AgentTimeUnixMs = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        }, cancel);

        var chain = CertificateOrder.Check(reply.Certificates, key, authority, clock)
            ?? throw NotUnderstood(gateway, "it sent a certificate that is not for this agent's key under its own CA");
        var addresses = reply.StreamAddresses.Select(GatewayList.Read).ToList();
        if (addresses.Count == 0 || addresses.Contains(null))
        {
            throw NotUnderstood(gateway, "it named no usable address for the agent stream");
        }

        var record = new EnrolmentRecord(reply.AgentId, name, reply.Tenant, [.. reply.Forests], [.. addresses.OfType<Uri>()]);
        store.Save(record, key, chain);
        return record;
    }

    private static async Task<X509Certificate2> FetchAuthorityAsync(Uri gateway, JoinToken token, CancellationToken cancel)
    {
        using var channel = GatewayTls.ConnectUnverified(gateway);
        try
        {
            var reply = await new EnrolmentClient(channel)
                .GetAuthorityAsync(new AuthorityRequest(), deadline: Deadline(), cancellationToken: cancel);
            var bytes = reply.Certificate.ToByteArray();
            if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(bytes), token.CaFingerprint))
            {
                throw new StartFaultException(
                    FaultKind.WrongAuthority,
                    $"the gateway at {gateway} is not the one that made this token: its CA has another fingerprint; check the "
                    + "address and the token, nothing secret was sent");
            }

            return X509CertificateLoader.LoadCertificate(bytes);
        }
        catch (RpcException e)
        {
            throw new StartFaultException([GatewayFaults.Explain(e, gateway, refusal: null)], e);
        }
        catch (CryptographicException e)
        {
            throw NotUnderstood(gateway, $"its CA certificate cannot be read: {e.Message}");
        }
    }

    private async Task<EnrolReply> SendAsync(Uri gateway, X509Certificate2 authority, EnrolRequest request, CancellationToken cancel)
    {
        var tls = new GatewayTls(gateway, authority, own: null, clock);
        using var channel = tls.Connect();
        try
        {
            return await new EnrolmentClient(channel).EnrolAsync(request, deadline: Deadline(), cancellationToken: cancel);
        }
        catch (RpcException e)
        {
            throw new StartFaultException([GatewayFaults.Explain(e, gateway, tls.Refusal)], e);
        }
    }

    // gRPC deadlines are by the machine's clock, whatever clock the certificates are judged by.
    private static DateTime Deadline() => TimeProvider.System.GetUtcNow().UtcDateTime + CallTimeout;

    private static StartFaultException NotUnderstood(Uri gateway, string what) =>
        new(FaultKind.GatewayNotUnderstood, $"{gateway} answered strangely: {what}; are gateway and agent of versions that fit?");
}
