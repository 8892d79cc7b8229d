using System.Collections.Immutable;
using Passthrough.Agent.Forests;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Domain controllers as this node sees them.</summary>
internal sealed class ControllerRows(SiteForests forests)
{
    public static readonly ImmutableArray<ColumnDefinition> Columns =
    [
        new("domainController", "DC"), new("forest", "forest"), new("health", "health"), new("milliseconds", "ms", ColumnKind.Number),
        new("underWay", "busy", ColumnKind.Number), new("connections", "conns", ColumnKind.Number), new("role", "role"),
        new("ejectedUntil", "ejected until"),
    ];

    public static readonly ArgumentDefinition Name = new("dc", "As dc list has it.") { IsRequired = true };

    public IEnumerable<string> Names => forests.Controllers.Select(each => each.Standing.Name).Distinct(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<IEnumerable<string>> Of(Func<string, bool> isMeant) =>
        from each in forests.Controllers
        let seen = each.Standing
        where isMeant(seen.Name)
        orderby each.Forest, seen.Name
        select new[]
        {
            seen.Name, each.Forest, seen.IsReady ? "ready" : "no answer", Plain.Number(seen.LatencyMs), Plain.Number(seen.Outstanding),
            Plain.Number(seen.Connections),
            string.Join(", ", new[] { seen.IsInSite ? "own site" : "", seen.IsPdc ? "PDC" : "", seen.IsGlobalCatalog ? "GC" : "" }.Where(word => word.Length > 0)),
            Plain.Time(seen.EjectedUntil),
        };

    /// <exception cref="OperatorRefusalException">There is none of that name here.</exception>
    public IEnumerable<IEnumerable<string>> Of(string name) => Of(each => each.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList() is { Count: > 0 } rows
        ? rows
        : throw new OperatorRefusalException(OperatorRefusal.NotFound, $"no domain controller is called {name}: see dc list");
}
