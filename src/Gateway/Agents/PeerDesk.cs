using System.Text.RegularExpressions;
using Grpc.Core;
using Passthrough.Decisions.Peers;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>Tells the agents of a tenant where the others are, and gives one of them leave to form their cluster. In memory: what
/// was not heard since the start is not told.</summary>
public sealed partial class PeerDesk(TenantDirectory directory, TimeProvider time, ILogger<PeerDesk> log)
{
    /// <summary>More nodes than a cluster ever has.</summary>
    private const uint MaxMembers = 1000;
    private const int MaxPeers = 64, MaxRevoked = 256;

    private readonly Lock _gate = new();
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _startedTicks = time.GetTimestamp();
    private readonly Dictionary<string, PeerBook> _books = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);

    /// <exception cref="RpcException">The question is out of range.</exception>
    public PeersReply Answer(AgentEntry agent, PeersRequest request)
    {
        if (request.Journal.Length != 16 || request.ClusterMembers > MaxMembers || !ClusterAddress().IsMatch(request.ClusterAddress))
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"a question for peers names an address as host:port, a journal in 16 bytes and at most {MaxMembers} members"));
        }

        var journal = new Guid(request.Journal.Span);
        var now = _startedAt + time.GetElapsedTime(_startedTicks);
        var roster = directory.Now;
        lock (_gate)
        {
            var book = _books.GetValueOrDefault(agent.Tenant) ?? PeerBook.StartedNow(_startedAt);
            var enrolled = roster.AgentsOf(agent.Tenant).Where(each => each.HasConnected).Select(each => each.Id)
                .Union(book.Reports.Keys.Where(id => !roster.IsRevoked(id)));
            var question = new PeerQuestion(agent.Id, journal, request.ClusterMembers, request.WantsToForm);
            (book, var may) = FormingLeave.Ask(book, question, enrolled, now);
            (_books[agent.Tenant], _addresses[agent.Id]) = (book, request.ClusterAddress);
            if (may)
            {
                log.MayForm(agent.Id, agent.Name, agent.Tenant);
            }

            return Reply(agent, journal, book, roster, may, now);
        }
    }

    private PeersReply Reply(AgentEntry agent, Guid journal, PeerBook book, TenantSnapshot roster, bool may, DateTimeOffset now)
    {
        var others = book.Reports.Where(each => each.Key != agent.Id && !roster.IsRevoked(each.Key))
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
                    ClusterAddress = _addresses[each.Key],
                }),
            },
            Apart = { others[false].Where(each => FormingLeave.IsHeard(each.Value, now)).Take(MaxPeers).Select(each => NameOf(roster, each.Key)) },
            Revoked = { roster.RevokedOf(agent.Tenant).OrderDescending(StringComparer.Ordinal).Take(MaxRevoked) },
        };
    }

    private static string NameOf(TenantSnapshot roster, string id) => roster.FindAgent(id)?.Name ?? id;

    [GeneratedRegex(@"\A(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.%]{2,45}\]):[0-9]{1,5}\z")]
    private static partial Regex ClusterAddress();
}
