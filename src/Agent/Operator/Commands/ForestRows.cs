using System.Collections.Immutable;
using Passthrough.Agent.Forests;
using Passthrough.Decisions.Monitoring;
using Passthrough.Decisions.Operator;
using Passthrough.Decisions.Routing;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>What this node knows of its forests, by the very table that sign-ins are routed by.</summary>
internal sealed class ForestRows(SiteForests forests, ForestPeers peers, TimeProvider clock)
{
    public static readonly ArgumentDefinition Forest = new("forest", "Its DNS name.") { IsRequired = true };

    public static readonly ImmutableArray<ColumnDefinition> Columns =
    [
        new("forest", "forest"), new("names", "names"), new("domains", "domains"), new("upnSuffixes", "UPN suffixes"), new("reachedBy", "reached by"),
        new("notReachedBy", "not reached by"), new("trusts", "trusts"),
    ];

    public IEnumerable<string> Names => forests.Routes.Snapshots.Select(each => each.Forest);

    public IEnumerable<IEnumerable<string>> All => forests.Routes.Snapshots.Select(Of);

    /// <exception cref="OperatorRefusalException">It is no forest of this agent.</exception>
    public ForestSnapshot Find(string forest) => forests.Routes.Of(forest) ?? throw new OperatorRefusalException(
        OperatorRefusal.NotFound, $"{forest} is no forest of this agent: see forests list");

    public IEnumerable<string> Of(ForestSnapshot snapshot) =>
    [
        snapshot.Forest, Age(snapshot),
        string.Join(", ", snapshot.Domains.Select(domain => domain.NetBiosName.Length > 0 ? $"{domain.DnsName} ({domain.NetBiosName})" : domain.DnsName)),
        snapshot.UpnSuffixes.Length > 0 ? string.Join(", ", snapshot.UpnSuffixes) : "none",
        ReachedBy(snapshot, true), ReachedBy(snapshot, false),
        string.Join("; ", snapshot.Names.Trusts.Select(RouteExplanation.Of)),
    ];

    public string Age(ForestSnapshot snapshot) => snapshot.Version == 0
        ? "as configured; its directory was not heard yet"
        : $"version {snapshot.Version}, read {ProgramHealth.Length(Since(snapshot.ReadAt))} ago from {snapshot.ReadFrom}";

    /// <summary>"no node" if nobody reaches it; empty if nobody does not.</summary>
    public string ReachedBy(ForestSnapshot snapshot, bool isReached) =>
        peers.Of(snapshot.Forest).Where(each => each.View.Reaches == isReached).Select(each => each.View.Name).ToList() is { Count: > 0 } nodes
            ? string.Join(", ", nodes)
            : isReached ? "no node" : "";

    private TimeSpan Since(DateTimeOffset at) => clock.GetUtcNow() - at is { Ticks: > 0 } age ? age : TimeSpan.Zero;
}
