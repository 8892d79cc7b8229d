using Passthrough.Agent.Forests;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Operator;
using Passthrough.Decisions.Routing;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Where a name leads now, and why.</summary>
internal sealed class RouteName(SiteForests forests, ForestRows rows) : OperatorCommand(
    new("route", "", OperatorRole.Read, "To which forest and domain controller a name leads now, and why.",
    [
        new("name", "name"), new("routed", "routed", ColumnKind.Flag), new("route", "route"), new("askedFirst", "asked first"), new("then", "then"),
        new("reachedBy", "reached by"), new("notReachedBy", "not reached by"), new("names", "names"), new("notes", "notes"),
    ])
    {
        Arguments = [new("name", "A name as a person would type it: user@suffix or DOMAIN\\user.") { IsRequired = true }],
        Layout = RowLayout.Record,
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var text = call.Line["name"];
        var name = TypedName.TryParse(text)
            ?? throw new OperatorRefusalException(OperatorRefusal.Malformed, "this is no user name: write user@suffix or DOMAIN\\user");
        var table = forests.Routes.Table;
        var route = table.Find(name.Suffix);
        var snapshot = route.Outcome == RouteOutcome.Routed ? forests.Routes.Of(route.Claim!.Forest) : null;
        var order = snapshot is null ? [] : await forests.ExplainOrderAsync(snapshot.Forest, route.Domain, deadline);
        return CommandStep.Of([
        [
            text, Plain.Flag(snapshot is not null), RouteExplanation.Of(name, route), order.FirstOrDefault(""), string.Join("; ", order.Skip(1)),
            snapshot is null ? "" : rows.ReachedBy(snapshot, true), snapshot is null ? "" : rows.ReachedBy(snapshot, false),
            snapshot is null ? "" : rows.Age(snapshot), string.Join("; ", table.Notes),
        ]]);
    }
}
