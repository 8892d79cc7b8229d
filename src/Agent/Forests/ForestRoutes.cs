using System.Collections.Frozen;
using System.Collections.Immutable;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;

namespace Passthrough.Agent.Forests;

/// <summary>Which names lead to which of this node's forests, as it knows now. To ask costs a read of memory.</summary>
internal sealed class ForestRoutes
{
    private readonly Lock _gate = new();
    private readonly FrozenDictionary<string, ForestOptions> _served;
    private volatile State _now;

    /// <param name="served">What the configuration says of the forests makes the table until their directories are heard.</param>
    public ForestRoutes(IEnumerable<ForestOptions> served)
    {
        _served = served.ToFrozenDictionary(forest => forest.Name, StringComparer.OrdinalIgnoreCase);
        _now = State.Of([.. _served.Values.Select(forest => ForestSnapshot.Configured(forest.Name, forest.NetBiosName, forest.Suffixes))]);
    }

    /// <summary>Raised after another table is in force, on the thread that brought it.</summary>
    public event Action? Changed;

    public RoutingTable Table => _now.Table;

    /// <summary>The newest of each forest, the configured suffixes included.</summary>
    public ImmutableArray<ForestSnapshot> Snapshots => _now.Snapshots;

    /// <summary>Null: this node does not serve it.</summary>
    public ForestSnapshot? Of(string forest) =>
        _now.Snapshots.FirstOrDefault(snapshot => snapshot.Forest.Equals(forest, StringComparison.OrdinalIgnoreCase));

    /// <returns>False: it is older than what is known, or of a forest that is not served.</returns>
    public bool Accept(ForestSnapshot snapshot)
    {
        lock (_gate)
        {
            if (Of(snapshot.Forest) is not { } known || known.Version >= snapshot.Version)
            {
                return false;
            }

            _now = State.Of(_now.Snapshots.Replace(known, snapshot.With(_served[snapshot.Forest].Suffixes)));
        }

        Changed?.Invoke();
        return true;
    }

    private sealed record State(RoutingTable Table, ImmutableArray<ForestSnapshot> Snapshots)
    {
        public static State Of(ImmutableArray<ForestSnapshot> snapshots) =>
            new(RoutingTableBuilder.Build([.. snapshots.Select(snapshot => snapshot.Names)]), snapshots);
    }
}
