using Google.Protobuf;
using Grpc.Core;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Instances;

/// <summary>What other instances of this gateway call: who is connected here, and one attempt for one of these agents. What comes in
/// here goes to that agent or back, never on to another instance.</summary>
public sealed class InstanceService(AgentRegistry registry, GatewayOptions options, TimeProvider time) : GatewayPeer.GatewayPeerBase
{
    private const int MaxAgents = 32;

    public override Task<ConnectedAgentsReply> Agents(ConnectedAgentsRequest request, ServerCallContext context)
    {
        Admit(context);
        var agents = AgentsOf(request.Tenant, request.Forest)
            .Select(agent => (Agent: agent, Load: agent.LoadFor(request.Forest, tried: false, options.Agents.SuspectAfter)))
            .Where(each => each.Load.Standing < AgentStanding.Suspect && each.Agent.Seal.Offer is not null)
            .OrderBy(each => each.Load.Standing).ThenBy(each => each.Load.Outstanding).Take(MaxAgents);
        return Task.FromResult(new ConnectedAgentsReply
        {
            Agents =
            {
                agents.Select(each => new ConnectedAgent
                {
                    Certificate = ByteString.CopyFrom(each.Agent.Certificate.Span),
                    SealingKey = each.Agent.Seal.Offer,
                    Room = (uint)Math.Max(0, each.Load.Credits - each.Load.Outstanding),
                }),
            },
        });
    }

    public override async Task<ForwardReply> Forward(ForwardRequest request, ServerCallContext context)
    {
        Admit(context);
        var dispatch = Read(request);
        var agent = AgentsOf(request.Tenant, request.Forest).FirstOrDefault(each => each.Agent.Id == request.AgentId && !each.IsLeaving);
        if (agent is null)
        {
            return Reply(new DispatchReply(DispatchEnd.NotWritten));
        }

        if (request.Attempt is not null && request.Session?.KeyId != agent.Seal.Offer?.KeyId)
        {
            // Sealed to a key of an earlier stream: whoever sealed it asks for the new one.
            return Reply(new DispatchReply(DispatchEnd.CannotUnseal));
        }

        if (!agent.TryTake())
        {
            return Reply(new DispatchReply(DispatchEnd.Busy));
        }

        if (request.Session is { } session && !agent.TryAnnounce(session))
        {
            agent.GiveBack();
            return Reply(new DispatchReply(DispatchEnd.NotWritten));
        }

        return Reply(await agent.SendAsync(dispatch, context.CancellationToken));
    }

    private static void Admit(ServerCallContext context)
    {
        // The handshake has checked the chain, if it asked for a certificate; the enrolment listener asks for none.
        if (!InstanceIdentity.IsIn(context.GetHttpContext().Connection.ClientCertificate))
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, "only an instance of this gateway may call this"));
        }
    }

    private AgentConnection[] AgentsOf(string tenant, string forest) => registry.FindPool(new TenantRoute(tenant, forest))?.Agents.ToArray() ?? [];

    /// <exception cref="RpcException">It is no work, or not for the forest that it is said to be for.</exception>
    private Dispatch Read(ForwardRequest request)
    {
        if (request.Attempt is { } attempt && AttemptHeader.Decode(attempt.Header.Span, out var header) == UnwrapFault.None
            && header!.Tenant == request.Tenant && header.Forest == request.Forest)
        {
            return new Dispatch(header.AttemptId, header.AttemptNumber, new FromGateway { Attempt = attempt }, Deadline(attempt.RemainingMs));
        }

        if (request.FindName is { SearchId.Length: 16 } question && question.Forest == request.Forest
            && question.UserName.Length <= SealingLimits.MaxUserNameBytes)
        {
            return new Dispatch(
                new Guid(question.SearchId.Span, bigEndian: true), 0, new FromGateway { FindName = question }, Deadline(question.RemainingMs));
        }

        throw new RpcException(new Status(StatusCode.InvalidArgument, "nothing that an agent of this forest could be sent"));
    }

    private long Deadline(uint remainingMs)
    {
        var left = Math.Min(remainingMs, SealingLimits.MaxTimeToLive.TotalMilliseconds);
        return time.GetTimestamp() + (long)(left / 1000 * time.TimestampFrequency);
    }

    private static ForwardReply Reply(DispatchReply reply) => new() { End = (uint)reply.End, Answer = reply.Answer, NameFound = reply.Found };
}
