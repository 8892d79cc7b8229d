using System.Text.Json;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Enrolment;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Peers;

/// <summary>Another agent of the tenant with the same journal.</summary>
/// <param name="Address">host:port, for the cluster.</param>
internal sealed record KnownPeer(string AgentId, string Name, string Address);

/// <param name="Journal">The journal it was told for; empty before any.</param>
internal sealed record KnownPeers(Guid Journal, IReadOnlyList<KnownPeer> Peers, IReadOnlyList<string> Revoked);

/// <summary>The agents that the gateway has told of, kept in the state directory for a start without a gateway.</summary>
internal sealed class PeerRoster
{
    private readonly string _file;
    private readonly ILogger _log;
    private KnownPeers _now;
    private string _apart = "";

    public PeerRoster(string stateDirectory, ILogger<PeerRoster> log)
    {
        (_file, _log) = (Path.Combine(stateDirectory, "peers.json"), log);
        _now = Load();
    }

    public KnownPeers Now => Volatile.Read(ref _now);

    public bool IsRevoked(string agentId) => Now.Revoked.Contains(agentId, StringComparer.Ordinal);

    /// <summary>Takes what the gateway said. One caller at a time.</summary>
    /// <returns>Those whom it had not called revoked before, as far as their addresses are known.</returns>
    public IReadOnlyList<KnownPeer> Accept(PeersReply told, Guid journal)
    {
        var before = Now;
        var fresh = new KnownPeers(
            journal, [.. told.Peers.Select(peer => new KnownPeer(peer.AgentId, peer.Name, peer.ClusterAddress))], [.. told.Revoked]);
        TellApart(string.Join(", ", told.Apart));
        if (journal == before.Journal && fresh.Peers.SequenceEqual(before.Peers) && fresh.Revoked.SequenceEqual(before.Revoked, StringComparer.Ordinal))
        {
            return [];
        }

        // A gateway that has just started does not know all, and a peer that is not running may be the one to join tomorrow.
        if (journal == before.Journal)
        {
            var kept = before.Peers.Where(old => fresh.Peers.All(peer => peer.AgentId != old.AgentId && peer.Address != old.Address)
                && !told.Revoked.Contains(old.AgentId) && !told.Apart.Contains(old.Name));
            fresh = fresh with { Peers = [.. fresh.Peers, .. kept] };
        }

        Volatile.Write(ref _now, fresh);
        Keep(fresh);
        return [.. before.Peers.Where(peer => fresh.Revoked.Contains(peer.AgentId) && !before.Revoked.Contains(peer.AgentId))];
    }

    private void TellApart(string names)
    {
        if (names != _apart && names.Length > 0)
        {
            _log.CountsApart(names);
        }

        _apart = names;
    }

    private void Keep(KnownPeers peers)
    {
        try
        {
            PrivateFile.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(peers));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.PeersNotKept(_file, e.Message);
        }
    }

    private KnownPeers Load()
    {
        try
        {
            return File.Exists(_file) && JsonSerializer.Deserialize<KnownPeers>(File.ReadAllBytes(_file)) is { Peers: not null, Revoked: not null } kept
                ? kept
                : new KnownPeers(Guid.Empty, [], []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            _log.KeptPeersUnusable(_file, e.Message);
            return new KnownPeers(Guid.Empty, [], []);
        }
    }
}
