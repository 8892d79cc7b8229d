using System.Globalization;
using Passthrough.Agent.Dashboard;
using Passthrough.Dashboards;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.TenantPage;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Monitoring;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.TenantPage;

/// <summary>The panels of a tenant's agents, forests and gateway instances, as this instance knows them.</summary>
internal sealed class AgentPanels(
    TenantDirectory directory, AgentRegistry registry, OtherInstances others, InstanceWatch watch, GatewayMonitoring monitoring,
    GatewayOptions options, TimeProvider time)
{
    private static readonly Cell Unknown = new("–");

    public async Task<IReadOnlyList<Panel>> OfAsync(string tenant, CancellationToken cancel)
    {
        var now = directory.Now;
        var agents = now.AgentsOf(tenant).OrderBy(agent => agent.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var connected = registry.ConnectedOf(tenant).ToDictionary(each => each.Agent.Id, StringComparer.Ordinal);
        var elsewhere = await ElsewhereAsync(tenant, [.. agents.Where(agent => !connected.ContainsKey(agent.Id))], cancel);
        var rows = agents.Select(agent => connected.TryGetValue(agent.Id, out var connection)
            ? Row(connection)
            : Row(agent, [.. elsewhere.Where(each => each.AgentId == agent.Id).Select(each => each.Instance).Distinct()])).ToList();
        return
        [
            new Panel("agents", "Agents", ["Agent", "State", "Forests", "Version", "Certificate", "Attempts at once", "Last heard"], rows)
            {
                Note = "Heard: at this instance. An agent that another instance has alone is only named here.",
            },
            await ForestsAsync(tenant, now, agents, cancel),
            Instances(),
        ];
    }

    private async Task<List<(string AgentId, string Instance)>> ElsewhereAsync(string tenant, List<AgentEntry> missing, CancellationToken cancel)
    {
        var found = new List<(string, string)>();
        foreach (var forest in missing.SelectMany(agent => agent.Forests).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            found.AddRange((await others.AgentsOfAsync(new TenantRoute(tenant, forest), cancel)).Select(each => (each.Agent.Id, each.Instance.Authority)));
        }

        return found;
    }

    private IReadOnlyList<Cell> Row(AgentConnection connection)
    {
        var (agent, facts) = (connection.Agent, connection.Facts);
        var standings = agent.Forests.Select(forest => connection.LoadFor(forest, tried: false, options.Agents.SuspectAfter).Standing).ToList();
        return
        [
            new(agent.Name), Shown(PanelStates.Agent(standings.DefaultIfEmpty(AgentStanding.Leaving).Min(), [], agent.HasConnected)),
            new(string.Join(", ", agent.Forests.Zip(standings, (forest, standing) => standing == AgentStanding.Troubled ? $"{forest} (not reached)" : forest))),
            new(facts.Version), Shown(PanelStates.Certificate(facts.CertificateBegins, facts.CertificateEnds, time.GetUtcNow())),
            Shown(PanelStates.Credits(connection.Credits, connection.Outstanding)),
            Shown(PanelStates.Heard(connection.Silence, options.Agents.HeartbeatInterval)),
        ];
    }

    private IReadOnlyList<Cell> Row(AgentEntry agent, IReadOnlyList<string> elsewhere)
    {
        var seen = registry.LastSeen(agent.Id);
        return
        [
            new(agent.Name), Shown(PanelStates.Agent(null, elsewhere, agent.HasConnected || seen is not null)), new(string.Join(", ", agent.Forests)),
            seen is { } known ? new(known.Facts.Version) : Unknown,
            seen is { } had && elsewhere.Count == 0
                ? Shown(PanelStates.Certificate(had.Facts.CertificateBegins, had.Facts.CertificateEnds, time.GetUtcNow()))
                : Unknown,
            Unknown,
            seen is { } last ? new(last.HeardAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)) : Unknown,
        ];
    }

    private async Task<Panel> ForestsAsync(string tenant, TenantSnapshot now, List<AgentEntry> agents, CancellationToken cancel)
    {
        var suffixes = now.SuffixesOf(tenant).ToList();
        var forests = suffixes.SelectMany(suffix => suffix.Value.Forests, (_, route) => route.Forest)
            .Concat(agents.SelectMany(agent => agent.Forests)).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase);
        var rows = new List<IReadOnlyList<Cell>>();
        foreach (var forest in forests)
        {
            var own = suffixes.Where(suffix => suffix.Value.Forests.Any(route => route.Forest.Equals(forest, StringComparison.OrdinalIgnoreCase)));
            rows.Add(
            [
                new(forest), Shown(PanelStates.Forest(await monitoring.LookAsync(new TenantRoute(tenant, forest), cancel))),
                new(string.Join(", ", own.Select(suffix => suffix.Key).Order(StringComparer.Ordinal))),
            ]);
        }

        rows.AddRange(suffixes.Where(suffix => suffix.Value.Forests.IsEmpty).OrderBy(suffix => suffix.Key, StringComparer.Ordinal).Select(suffix =>
            (IReadOnlyList<Cell>)[Unknown, new("two forests say that it is theirs: it leads to neither", CellState.Warning), new(suffix.Key)]));
        return new Panel("forests", "Forests", ["Forest", "Served", "Suffixes of user names"], rows);
    }

    private Panel Instances() => new(
        "instances", "Gateway instances", ["Instance", "State"],
        [
            [new(Authority(watch.Own)), new("this page is its own", CellState.Good)],
            .. watch.Others.Select(other => (IReadOnlyList<Cell>)[new(other.Authority), new("runs", CellState.Good)]),
        ])
    {
        Note = "Each instance tells what it saw itself: attempts, locks and the log of another are on that one’s page.",
    };

    private static string Authority(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Authority : address;

    internal static Cell Shown(Said said) => Judged.Of(said.Text, said.State);
}
