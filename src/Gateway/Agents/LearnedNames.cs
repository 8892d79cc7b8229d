using System.Collections.Immutable;
using Passthrough.Decisions.Routing;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Agents;

/// <summary>What the agents say that names of their forests end in: of those that are connected, and for a while of those that were.
/// Brings it to the directory, and tells people what changed. May be used by many threads.</summary>
public sealed class LearnedNames : IDisposable
{
    private const int MaxTold = 10;

    /// <summary>What is over is forgotten at least so often.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<Statement> _statements = [];
    private readonly Dictionary<string, ImmutableArray<LearnedName>> _told = new(StringComparer.Ordinal);
    private readonly TenantDirectory _directory;
    private readonly TimeProvider _time;
    private readonly ILogger<LearnedNames> _log;
    private readonly ITimer _sweep;

    public LearnedNames(TenantDirectory directory, TimeProvider time, ILogger<LearnedNames> log)
    {
        (_directory, _time, _log) = (directory, time, log);
        _sweep = time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
        directory.Replaced += Follow;
    }

    /// <summary>An agent has said all names of a forest that it is enrolled for.</summary>
    internal void Take(AgentConnection connection, string forest, ulong version, IReadOnlyList<string> names)
    {
        var agent = connection.Agent;
        var own = agent.Forests.First(own => own.Equals(forest, StringComparison.OrdinalIgnoreCase));
        lock (_gate)
        {
            _statements.RemoveAll(each => each.Agent.Id == agent.Id && each.Forest == own);
            _statements.Add(new Statement(agent, own, version, names, connection, null));
            Learn(agent.Tenant);
        }
    }

    /// <summary>A stream has ended.</summary>
    internal void End(AgentConnection connection)
    {
        lock (_gate)
        {
            for (var i = 0; i < _statements.Count; i++)
            {
                if (_statements[i].Stream == connection)
                {
                    _statements[i] = _statements[i] with { Stream = null, EndedAt = _time.GetTimestamp() };
                }
            }

            Learn(connection.Agent.Tenant);
        }
    }

    public void Dispose()
    {
        _directory.Replaced -= Follow;
        _sweep.Dispose();
    }

    private void Sweep() => Forget(said => said.EndedAt is { } ended && _time.GetElapsedTime(ended) >= LearnedSuffixes.Outlast);

    private void Follow(TenantSnapshot now)
    {
        Forget(said => now.IsRevoked(said.Agent.Id));
        lock (_gate)
        {
            foreach (var tenant in _told.Keys.ToList())
            {
                Tell(tenant);
            }
        }
    }

    private void Forget(Func<Statement, bool> isOver)
    {
        lock (_gate)
        {
            var over = _statements.Where(isOver).ToList();
            _statements.RemoveAll(over.Contains);
            foreach (var tenant in over.Select(said => said.Agent.Tenant).Distinct())
            {
                Learn(tenant);
            }
        }
    }

    private void Learn(string tenant)
    {
        _directory.Learn(
            tenant,
            [.. _statements.Where(said => said.Agent.Tenant == tenant)
                .Select(said => new NamesSaid(said.Forest, said.Version, said.Names, said.Stream is not null))]);
        Tell(tenant);
    }

    /// <summary>What is not as it was told last.</summary>
    private void Tell(string tenant)
    {
        var before = _told.GetValueOrDefault(tenant, []);
        var now = _told[tenant] = _directory.Now.LearnedOf(tenant);
        foreach (var name in before.Except(now).Where(name => name.Outcome == LearnedOutcome.Learned))
        {
            _log.SuffixEnded(name.Name, tenant, name.Forest);
        }

        var news = now.Except(before).ToLookup(name => name.Outcome);
        foreach (var name in news[LearnedOutcome.Learned])
        {
            _log.SuffixLearned(name.Name, tenant, name.Forest);
        }

        foreach (var name in news[LearnedOutcome.OfAnotherTenant])
        {
            _log.SuffixOfAnotherTenant(name.Name, tenant, name.Forest);
        }

        foreach (var name in news[LearnedOutcome.Conflict])
        {
            _log.SuffixInConflict(name.Name, tenant, name.Forest);
        }

        var others = news[LearnedOutcome.NotAllowed].Concat(news[LearnedOutcome.Configured]).Concat(news[LearnedOutcome.NotAName]);
        foreach (var forest in others.GroupBy(name => name.Forest, name => AgentGreeting.Printable(name.Name, NameSuffix.MaxLength)))
        {
            var some = string.Join(", ", forest.Take(MaxTold));
            _log.SuffixesLeftOut(tenant, forest.Key, forest.Count(), forest.Count() > MaxTold ? some + ", …" : some);
        }
    }

    /// <param name="Stream">On which it was said last; null: it has ended.</param>
    /// <param name="EndedAt">When; a timestamp.</param>
    private sealed record Statement(
        AgentEntry Agent, string Forest, ulong Version, IReadOnlyList<string> Names, AgentConnection? Stream, long? EndedAt);
}
