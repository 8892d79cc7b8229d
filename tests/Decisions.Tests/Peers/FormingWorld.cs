using System.Collections.Immutable;
using Passthrough.Decisions.Peers;

namespace Passthrough.Decisions.Tests.Peers;

/// <summary>Agents and a gateway of one or more instances that keep one book, second by second. What is judged is who is a member of which cluster.</summary>
internal sealed class FormingWorld(int seed, Asking ask, Resuming? resume = null)
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Journal = new(1, 0, 0, new byte[8]);

    private readonly Random _random = new(seed);
    private readonly Node[] _nodes = [.. Enumerable.Range(1, 5).Select(i => new Node($"a{i}"))];
    private readonly HashSet<(Node, Node)> _cut = [];
    private PeerBook _book = PeerBook.StartedNow(Epoch);
    private readonly Resuming _resume = resume ?? FormingLeave.Resume;
    private DateTimeOffset _since = Epoch;
    private int _gatewayBackAt;

    /// <summary>No fault after the first start.</summary>
    public bool IsQuiet { get; init; }

    public int Second { get; private set; }

    public int Formed { get; private set; }

    public bool IsOne => _nodes.All(node => node.Cluster > 0) && _nodes.Select(node => node.Cluster).Distinct().Count() == 1;

    /// <summary>False as soon as there are two clusters.</summary>
    public bool Run(int seconds)
    {
        foreach (var node in _nodes)
        {
            node.StartsAt = _random.Next(20);
        }

        for (Second = 0; Second < seconds; Second++)
        {
            if (!IsQuiet)
            {
                Disturb();
            }

            foreach (var node in _nodes.OrderBy(_ => _random.Next()))
            {
                Step(node);
            }

            if (_nodes.Where(node => node.Cluster > 0).Select(node => node.Cluster).Distinct().Count() > 1)
            {
                return false;
            }
        }

        return true;
    }

    private void Disturb()
    {
        foreach (var node in _nodes)
        {
            // Some at the same time, as when the power goes.
            if (_random.Next(_nodes.Any(other => other.StartsAt > Second) ? 20 : 150) == 0)
            {
                (node.Cluster, node.LeaveUntil, node.AsksAt) = (0, -1, 0);
                node.StartsAt = Second + 1 + _random.Next(60);
            }
        }

        if (_random.Next(20) == 0)
        {
            var pair = (_nodes[_random.Next(5)], _nodes[_random.Next(5)]);
            _ = _cut.Remove(pair) || _cut.Add(pair);
        }

        if (_random.Next(60) == 0 && _gatewayBackAt <= Second)
        {
            // All instances at once, or the database that they share: the book stays as it was.
            var last = At(Second - 1);
            _gatewayBackAt = Second + 1 + _random.Next(_random.Next(2) == 0 ? 8 : 60);
            _since = FormingLeave.AvailableSince(_since, last, At(_gatewayBackAt));
        }
    }

    private void Step(Node node)
    {
        if (node.StartsAt > Second)
        {
            return;
        }

        // Members let in who reaches them, whatever the gateway says.
        var member = _nodes.FirstOrDefault(other => other.Cluster > 0 && !_cut.Contains((node, other)) && !_cut.Contains((other, node)));
        if (node.Cluster == 0 && member is not null && _random.Next(3) == 0)
        {
            node.Cluster = member.Cluster;
        }
        else if (node.Cluster == 0 && node.LeaveAt <= Second && Second <= node.LeaveUntil)
        {
            (node.Cluster, node.AsksAt) = (++Formed, Second);
        }

        // With a leave in its hands an agent asks nothing until it has used it, or let it pass.
        if (node.AsksAt <= Second && (node.Cluster > 0 || node.LeaveUntil < Second))
        {
            Ask(node);
        }
    }

    private void Ask(Node node)
    {
        var wants = node.Cluster == 0;
        node.AsksAt = Second + (wants ? 2 : (int)FormingLeave.AskInterval.TotalSeconds);
        if (_gatewayBackAt > Second || (!IsQuiet && _random.Next(10) == 0 && Second - node.HeardAt < 10))
        {
            // The question is lost, one in a row: a member that is not heard for longer is gone, and gets no work.
            return;
        }

        node.HeardAt = Second;
        (_book, var may) = ask(
            _resume(_book, _since, At(Second)), new(node.Name, Journal, wants ? 0u : (uint)_nodes.Count(other => other.Cluster == node.Cluster), wants), _nodes.Select(other => other.Name), At(Second));
        if (may && (IsQuiet || _random.Next(5) > 0))
        {
            // The answer takes its time, and the agent takes some more.
            (node.LeaveAt, node.LeaveUntil) = (Second + _random.Next(15), Second + (int)FormingLeave.LeaveLife.TotalSeconds);
        }
    }

    private static DateTimeOffset At(int second) => Epoch.AddSeconds(second);

    private sealed class Node(string name)
    {
        public string Name => name;

        public int StartsAt { get; set; }

        public int AsksAt { get; set; }

        public int HeardAt { get; set; }

        public int LeaveAt { get; set; }

        public int LeaveUntil { get; set; } = -1;

        /// <summary>0: a member of none.</summary>
        public int Cluster { get; set; }
    }
}

/// <summary>As <see cref="FormingLeave.Ask"/>, or with a fault.</summary>
internal delegate (PeerBook Book, bool MayForm) Asking(PeerBook book, PeerQuestion question, IEnumerable<string> enrolled, DateTimeOffset now);

/// <summary>As <see cref="FormingLeave.Resume"/>, or with a fault.</summary>
internal delegate PeerBook Resuming(PeerBook kept, DateTimeOffset since, DateTimeOffset now);

internal static class PeerReports
{
    public static ImmutableDictionary<string, PeerReport> ToImmutableReports(
        this ImmutableDictionary<string, PeerReport> reports, Func<PeerReport, PeerReport> change) =>
        reports.ToImmutableDictionary(pair => pair.Key, pair => change(pair.Value));
}
