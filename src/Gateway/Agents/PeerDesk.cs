using System.Text.RegularExpressions;
using Grpc.Core;
using Passthrough.Decisions.Peers;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>Tells the agents of a tenant where the others are and which gateway instances there are, and gives one of them leave to form
/// their cluster.</summary>
public sealed partial class PeerDesk(TenantDirectory directory, PeerBooks books, GatewayAddresses addresses, ILogger<PeerDesk> log)
{
    /// <summary>More nodes than a cluster ever has.</summary>
    private const uint MaxMembers = 1000;
    private const int MaxPeers = 64, MaxRevoked = 256;

    /// <exception cref="RpcException">The question is out of range, or the database does not answer: another instance may be asked.</exception>
    public async Task<PeersReply> AnswerAsync(AgentEntry agent, PeersRequest request, CancellationToken cancel)
    {
        if (request.Journal.Length != 16 || request.ClusterMembers > MaxMembers || !ClusterAddress().IsMatch(request.ClusterAddress))
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"a question for peers names an address as host:port, a journal in 16 bytes and at most {MaxMembers} members"));
        }

        var journal = new Guid(request.Journal.Span);
        var question = new PeerQuestion(agent.Id, journal, request.ClusterMembers, request.WantsToForm);
        try
        {
            if (await books.AskAsync(agent.Tenant, question, request.ClusterAddress, cancel) is var (known, may, now))
            {
                if (may)
                {
                    log.MayForm(agent.Id, agent.Name, agent.Tenant);
                }

                return Reply(agent, journal, known, may, now);
            }
        }
        catch (Exception e) when (DatabaseFault.Is(e))
        {
            log.PeersNotKnown(agent.Id, DatabaseFault.Reason(e));
        }

        throw new RpcException(new Status(StatusCode.Unavailable, "the gateway's database does not answer: ask again, or another gateway"));
    }

    private PeersReply Reply(AgentEntry agent, Guid journal, KnownNodes known, bool may, DateTimeOffset now)
    {
        var roster = directory.Now;
        var others = known.Book.Reports.Where(each => each.Key != agent.Id && !roster.IsRevoked(each.Key))
            .OrderBy(each => each.Key, StringComparer.Ordinal).ToLookup(each => each.Value.Journal == journal);
        return new PeersReply
        {
            MayForm = may,
            Peers =
            {
                others[true].Take(MaxPeers).Select(each => new Peer
                {
                    AgentId = each.Key,
                    Name = NameOf(roster, each.Key),
                    ClusterAddress = known.Addresses[each.Key],
                }),
            },
            Apart = { others[false].Where(each => FormingLeave.IsHeard(each.Value, now)).Take(MaxPeers).Select(each => NameOf(roster, each.Key)) },
            Revoked = { roster.RevokedOf(agent.Tenant).OrderDescending(StringComparer.Ordinal).Take(MaxRevoked) },
            StreamAddresses = { addresses.Streams },
        };
    }

    private static string NameOf(TenantSnapshot roster, string id) => roster.FindAgent(id)?.Name ?? id;

    [GeneratedRegex(@"\A(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.%]{2,45}\]):[0-9]{1,5}\z")]
    private static partial Regex ClusterAddress();
}
