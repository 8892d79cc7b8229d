using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Passthrough.Agent.Operator;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Operator;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Dashboard;

/// <summary>What one member of the cluster said when it was looked at.</summary>
/// <param name="Name">As people call it; its address as long as it has not said it.</param>
/// <param name="Address">host:port.</param>
/// <param name="Missed">How many looks in a row it has not answered.</param>
/// <param name="Tables">By the title of the command, the rows as it gave them; a command that it did not answer in time is missing.</param>
internal sealed record NodeLook(
    string Name, string Address, string Status, bool IsReachable, int Missed, ImmutableDictionary<string, ImmutableArray<ImmutableArray<string>>> Tables);

/// <summary>The cluster at one moment, as this node sees it and as its members tell of themselves.</summary>
/// <param name="Gone">Members that have left within the last minutes, or were taken out, with the time.</param>
internal sealed record ClusterView(
    string Self, IReadOnlyList<NodeLook> Nodes, IReadOnlyList<(string Address, DateTimeOffset At)> Gone, Func<string, ImmutableArray<ColumnDefinition>> ColumnsOf)
{
    /// <summary>What all nodes gave for a command, each value by its column's name. A node of another version may have other columns: then its
    /// rows are left out.</summary>
    public IEnumerable<(string Node, Func<string, string> Of)> Rows(string title)
    {
        var names = ColumnsOf(title).Select((column, i) => (column.Name, i)).ToDictionary(each => each.Name, each => each.i);
        return
            from node in Nodes
            where node.Tables.ContainsKey(title)
            from row in node.Tables[title]
            where row.Length == names.Count
            select (node.Name, (Func<string, string>)(name => row[names[name]]));
    }
}

/// <summary>Asks all nodes what a dashboard shows, by the same commands that an operator types.</summary>
internal sealed class ClusterLook(ActorSystem system, NodeCalls nodes, Palettes palettes, ClusterEvents events, TimeProvider clock)
{
    /// <summary>Who has not answered by then does not answer: long for a node that lives, and short enough that all are told of within seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly OperatorCaller Nobody = new("dashboard", OperatorRole.Read);

    private static readonly ImmutableArray<string> OfEach =
    [
        "agents list", "agents health", "cluster-sharding region-stats", "dc list", $"dc latency --steps {Course.Steps}", $"attempts rates --steps {Course.Steps}",
        "attempts tail --failures --last 50 --once", "lockouts list --limit 50",
    ];

    /// <summary>By its address, what a member is called and how many looks it has missed.</summary>
    private readonly ConcurrentDictionary<string, (string Name, int Missed)> _known = new();

    /// <summary>Not to be called again before it has ended.</summary>
    public async Task<ClusterView> LookAsync()
    {
        var state = Cluster.Get(system).State;
        var looks = await Task.WhenAll(state.Members.Select(member => LookAsync(member, !state.Unreachable.Contains(member))));
        var since = clock.GetUtcNow() - TimeSpan.FromSeconds(Course.Steps * Course.StepSeconds);
        var gone = events.Ring.Since(0).Items
            .Where(each => each.What == "removed" && each.At >= since && looks.All(look => look.Address != each.Member))
            .GroupBy(each => each.Member)
            .Select(each => ($"{NameOf(each.Key)}", each.Max(one => one.At)));
        return new ClusterView(NameOf(Text(nodes.Self)), [.. looks.OrderBy(look => look.Name, StringComparer.Ordinal)], [.. gone], ColumnsOf);
    }

    private async Task<NodeLook> LookAsync(Member member, bool isReachable)
    {
        var lines = !isReachable ? [] : member.Address.Equals(nodes.Self) ? OfEach.Add("forests list") : OfEach;
        var answers = await Task.WhenAll(lines.Select(line => nodes.AskAsync(
            member.Address, new RunHere([.. line.Split(' ')], Nobody, 0), Patience, CancellationToken.None)));
        var tables = lines.Zip(answers, (line, answer) => (Title: TitleOf(line), Answer: answer))
            .Where(each => each.Answer is { Refusal: null }).ToImmutableDictionary(each => each.Title, each => each.Answer!.Step.Rows);
        var address = Text(member.Address);
        var said = answers.OfType<RanHere>().FirstOrDefault();
        var known = _known[address] = said is null ? (NameOf(address), _known.GetValueOrDefault(address).Missed + 1) : (said.Node, 0);
        return new NodeLook(known.Name, address, member.Status.ToString().ToLowerInvariant(), isReachable, known.Missed, tables);
    }

    private string NameOf(string address) => _known.TryGetValue(address, out var known) ? known.Name : address;

    private ImmutableArray<ColumnDefinition> ColumnsOf(string title) => palettes.Definitions.First(command => command.Title == title).Columns;

    private static string TitleOf(string line) => string.Join(' ', line.Split(' ').TakeWhile(word => !word.StartsWith('-')));

    private static string Text(Address address) => $"{address.Host}:{address.Port}";
}
