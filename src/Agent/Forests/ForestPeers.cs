using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Google.Protobuf;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Forests;

/// <summary>The nodes of this node's forests, as their entities have published them, and the way to hand an attempt to one of them.</summary>
/// <param name="agent">This node's agent id.</param>
/// <param name="isUp">Whether the cluster believes that a node answers: it notices sooner than a view ends.</param>
internal sealed class ForestPeers(string agent, Func<Address, bool> isUp, SteadyClock steady)
{
    private readonly ConcurrentDictionary<string, ImmutableArray<HeardView<IActorRef>>> _forests = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, int> _handedOver = new();

    public void Keep(Published published)
    {
        var now = steady.Now;
        _forests[published.Forest] = [.. published.Nodes.Select(known => new HeardView<IActorRef>(known.View, known.Node, now - known.Age))];
    }

    /// <summary>All nodes that have told not long ago, this one too.</summary>
    public IEnumerable<HeardView<IActorRef>> Of(string forest) =>
        new NodeViews<IActorRef>(_forests.GetValueOrDefault(forest, [])).Fresh(steady.Now);

    /// <summary>Hands the attempt, still sealed, to a peer that reaches the forest. Never throws.</summary>
    /// <param name="header">The attempt's, authentic.</param>
    /// <param name="left">Until the reply is of no more use.</param>
    public async Task<PeerReply> HandOverAsync(AttemptHeader header, Attempt attempt, TimeSpan left)
    {
        HeardView<IActorRef>[] peers = [.. Of(header.Forest)];
        var chosen = PeerChoice.Choose(
            [
                .. peers.Select(each => new PeerLoad(
                    each.View.Agent != agent, isUp(each.Node.Path.Address), each.View.Reaches,
                    each.View.Load, _handedOver.GetValueOrDefault(each.View.Agent))),
            ],
            left, (uint)Random.Shared.NextInt64());
        if (chosen < 0)
        {
            return default;
        }

        var (view, node, _) = peers[chosen];
        var sent = attempt.Clone();
        sent.RemainingMs = (uint)left.TotalMilliseconds;
        _handedOver.AddOrUpdate(view.Agent, 1, (_, count) => count + 1);
        try
        {
            var taken = await node.Ask<TakenOver>(new TakeOver(sent), left);
            return new PeerReply(view.Name, IsAbout(header, taken.Reply) ? taken.Reply : null);
        }
        catch (Exception e) when (e is AskTimeoutException or OperationCanceledException)
        {
            return new PeerReply(view.Name, null);
        }
        finally
        {
            _handedOver.AddOrUpdate(view.Agent, 0, (_, count) => count - 1);
        }
    }

    /// <summary>The stream that it goes to carries many.</summary>
    private static bool IsAbout(AttemptHeader header, FromAgent? reply)
    {
        return reply switch
        {
            { Answer: { } answer } => IsThis(answer.AttemptId, answer.AttemptNumber),
            { NotAttempted: { } back } => IsThis(back.AttemptId, back.AttemptNumber),
            _ => false,
        };

        bool IsThis(ByteString id, uint number) =>
            number == header.AttemptNumber && id.Span.SequenceEqual(header.AttemptId.ToByteArray(bigEndian: true));
    }
}

/// <summary>What came of handing an attempt to a peer.</summary>
/// <param name="Peer">Who got it, as people call it; null: nobody could, and nothing was sent.</param>
/// <param name="Reply">For the stream that it came from; null: none came in time, and whether a bind was sent, nobody here can know.</param>
internal readonly record struct PeerReply(string? Peer, FromAgent? Reply);
