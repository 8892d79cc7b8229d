using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>What enrolled agents call: the stream that their work comes on, and the renewal of their certificate.</summary>
public sealed class AgentStreamService(
    AgentGate gate,
    AgentRoster roster,
    AgentRegistry registry,
    KeptLocks locks,
    LearnedNames names,
    TenantDirectory directory,
    GatewayInstance instance,
    PeerDesk peers,
    GatewayOptions options,
    TimeProvider time,
    ILogger<AgentStreamService> log) : AgentStream.AgentStreamBase
{
    public override async Task Connect(
        IAsyncStreamReader<FromAgent> requestStream, IServerStreamWriter<FromGateway> responseStream, ServerCallContext context)
    {
        var cancel = context.CancellationToken;
        var (agent, certificate) = await AdmitAsync(context);
        var hello = await AgentGreeting.ReadAsync(requestStream, time, cancel);
        if (AgentGreeting.Meet(hello, out var version) is { } refused)
        {
            log.VersionRefused(agent.Id, hello.OldestVersion, hello.NewestVersion);
            await responseStream.WriteAsync(new FromGateway { Refused = refused }, cancel);
            return;
        }

        await roster.NoteConnectedAsync(agent.Id, AgentGreeting.VersionOf(hello), cancel);
        var connection = Open(agent, certificate, hello, version, context.GetHttpContext());
        using (connection.Seal)
        {
            if (!registry.TryAdd(connection))
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "this gateway takes no new stream: try again"));
            }

            log.AgentConnected(agent.Id, agent.Name, agent.Tenant, (int)hello.Credits, AgentGreeting.VersionOf(hello));
            try
            {
                await new AgentStreamSession(connection, locks, names, certificate.NotAfter.ToUniversalTime(), options.Agents, time, log)
                    .RunAsync(requestStream, responseStream, cancel);
            }
            finally
            {
                registry.Remove(connection);
                connection.Close();
                names.End(connection);
                log.AgentDisconnected(agent.Id, agent.Name);
            }
        }
    }

    public override async Task<RenewReply> Renew(RenewRequest request, ServerCallContext context)
    {
        var (agent, certificate) = await AdmitAsync(context);
        if (!CertificateRequestReader.TryRead(request.CertificateRequest.ToByteArray(), out var key))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the certificate request is not one for a P-256 key"));
        }

        if (key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo()))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "a renewal needs a new key"));
        }

        var issued = await roster.RenewAsync(agent, key, context.CancellationToken);
        log.CertificateRenewed(agent.Id, issued.Serial);
        return new RenewReply { Certificates = { issued.Chain } };
    }

    public override async Task<PeersReply> Peers(PeersRequest request, ServerCallContext context)
    {
        var (agent, _) = await AdmitAsync(context);
        return await peers.AnswerAsync(agent, request, context.CancellationToken);
    }

    private async Task<(AgentEntry Agent, X509Certificate2 Certificate)> AdmitAsync(ServerCallContext context)
    {
        var certificate = context.GetHttpContext().Connection.ClientCertificate;
        return await gate.AdmitAsync(certificate, context.CancellationToken) is { } agent
            ? (agent, certificate!)
            : throw new RpcException(
                new Status(StatusCode.PermissionDenied, "this agent is not enrolled here or was revoked: enrol it with a new token"));
    }

    private AgentConnection Open(AgentEntry agent, X509Certificate2 certificate, Hello hello, uint version, HttpContext http)
    {
        // The connection under the stream, not the stream alone: nothing of a revoked agent stays open.
        var lifetime = http.Features.GetRequiredFeature<IConnectionLifetimeFeature>();
        AgentConnection? connection = null;
        var seal = new SealingSlot(
            new AgentIdentity(agent.Tenant, agent.Id),
            certificate.GetECDsaPublicKey()!,
            session => connection!.TrySend(new FromGateway { SealingSession = session }));
        connection = new AgentConnection(agent, (int)hello.Credits, lifetime.Abort, time)
        {
            Seal = seal,
            Certificate = certificate.RawData,
            Facts = new(AgentGreeting.VersionOf(hello), certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime()),
        };

        connection.Greet(Welcome(agent, version));
        var fault = seal.Accept(hello.SealingKey, time.GetUtcNow());
        if (fault != OfferFault.None)
        {
            seal.Dispose();
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"the sealing key was refused: {fault}"));
        }

        return connection;
    }

    private Welcome Welcome(AgentEntry agent, uint version) => new()
    {
        Version = version,
        GatewayInstance = UnsafeByteOperations.UnsafeWrap(instance.Id.ToByteArray(bigEndian: true)),
        HeartbeatMs = (uint)options.Agents.HeartbeatInterval.TotalMilliseconds,
        Tenant = agent.Tenant,
        Forests = { agent.Forests },
        LockoutPolicy = directory.Now.PolicyOf(agent.Tenant),
    };
}
