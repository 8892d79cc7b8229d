using System.Collections.Immutable;

namespace Passthrough.Decisions.ForestHealth;

/// <summary>How one node sees one forest.</summary>
/// <param name="Agent">The node's agent id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Reaches">A domain controller answers it now.</param>
/// <param name="Load">Attempts that it has taken and not answered, of all forests.</param>
/// <param name="Version">Of the forest's names that it routes by; 0: only what is configured.</param>
/// <param name="Controllers">The first of those that it knows.</param>
public sealed record NodeView(
    string Agent, string Name, bool Reaches, int Load, long Version, ImmutableArray<ControllerView> Controllers)
{
    /// <summary>How often each node tells.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>What is older says nothing any more: three times were missed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);

    /// <summary>Domain controllers that one view names at most: it is told every few seconds.</summary>
    public const int MaxControllers = 8;

    /// <summary>Nodes of a forest that are kept: twice the largest cluster that is supported.</summary>
    public const int MaxNodes = 20;
}

/// <summary>How one node sees one domain controller.</summary>
/// <param name="LatencyMicros">How long it takes to answer, in microseconds; 0: it has not yet.</param>
/// <param name="Outstanding">Work of this node that it has not answered.</param>
/// <param name="IsInSite">It is in the node's own site.</param>
public sealed record ControllerView(string Name, bool IsHealthy, int LatencyMicros, int Outstanding, bool IsInSite, bool IsPdc);

/// <summary>A view, with where its node is and when it was told.</summary>
/// <typeparam name="TNode">How to reach the node.</typeparam>
/// <param name="HeardAt">By a clock that does not jump.</param>
public sealed record HeardView<TNode>(NodeView View, TNode Node, DateTimeOffset HeardAt);

/// <summary>What the nodes of a forest have told, the last of each. Nobody says when a node dies: its view ends with its time.
/// Immutable.</summary>
public sealed record NodeViews<TNode>(ImmutableArray<HeardView<TNode>> All)
{
    /// <summary>Nobody was heard yet.</summary>
    public static readonly NodeViews<TNode> None = new([]);

    /// <summary>With what a node tells now, in place of what it told before. Those that are too old are forgotten; if there are too
    /// many all the same, the one that was silent longest.</summary>
    public NodeViews<TNode> With(NodeView view, TNode node, DateTimeOffset now) => new(
    [
        .. Fresh(now).Where(each => each.View.Agent != view.Agent)
            .OrderByDescending(each => each.HeardAt).Take(NodeView.MaxNodes - 1)
            .Append(new HeardView<TNode>(view, node, now))
            .OrderBy(each => each.View.Agent, StringComparer.Ordinal),
    ]);

    /// <summary>Those that still say something.</summary>
    public IEnumerable<HeardView<TNode>> Fresh(DateTimeOffset now) => All.Where(each => now - each.HeardAt < NodeView.Lifetime);

    /// <summary>Who is asked for the forest's names: a node that reaches it, another than the one that has just failed if there is
    /// one; null: nobody can be asked.</summary>
    /// <param name="failed">Agent id of the node whose reading failed last; null: none did.</param>
    /// <param name="random">A draw of 32 bits.</param>
    public HeardView<TNode>? Reader(string? failed, uint random, DateTimeOffset now)
    {
        var able = Fresh(now).Where(each => each.View.Reaches).ToList();
        var others = able.FindAll(each => each.View.Agent != failed);
        var from = others.Count > 0 ? others : able;
        return from.Count == 0 ? null : from[(int)(random % (uint)from.Count)];
    }
}
