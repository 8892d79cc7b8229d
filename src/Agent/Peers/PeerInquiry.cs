using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Enrolment;
using Passthrough.Wire.V1;
using StreamClient = Passthrough.Wire.V1.AgentStream.AgentStreamClient;

namespace Passthrough.Agent.Peers;

/// <summary>Asks the gateway for this agent's peers, for leave to form a cluster, and for its instances.</summary>
internal sealed class PeerInquiry(GatewayList gateways, CurrentIdentity identity, TimeProvider clock, ILogger<PeerInquiry> log)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private string _fault = "";

    /// <summary>Null if no gateway answers. One that does not know the question is from before there was one: each agent was then a
    /// cluster of its own, or had a list.</summary>
    public async Task<PeersReply?> AskAsync(string address, Guid journal, int members, bool wantsToForm, CancellationToken cancel)
    {
        var question = new PeersRequest
        {
            ClusterAddress = address,
            Journal = ByteString.CopyFrom(journal.ToByteArray()),
            ClusterMembers = (uint)members,
            WantsToForm = wantsToForm,
        };
        foreach (var gateway in gateways.Now)
        {
            if (await AskAsync(gateway, question, cancel) is { } reply)
            {
                _fault = "";
                gateways.Accept(reply.StreamAddresses);
                return reply;
            }
        }

        return null;
    }

    private async Task<PeersReply?> AskAsync(Uri gateway, PeersRequest question, CancellationToken cancel)
    {
        var own = identity.Value;
        var tls = new GatewayTls(gateway, own.Authority, own.Certificate, clock);
        using var channel = tls.Connect();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(CallTimeout);
        try
        {
            return await new StreamClient(channel).PeersAsync(question, cancellationToken: timeout.Token);
        }
        catch (RpcException e)
        {
            cancel.ThrowIfCancellationRequested();
            if (e.StatusCode == StatusCode.Unimplemented)
            {
                return new PeersReply { MayForm = true };
            }

            var fault = (tls.Refusal ?? GatewayFaults.ExplainStream(e, gateway)).ToString();
            if (fault != _fault)
            {
                log.NotTold(gateway, fault);
            }

            _fault = fault;
            return null;
        }
    }
}
