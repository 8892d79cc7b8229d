using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;

namespace Passthrough.Agent.Forests;

/// <summary><c>passthrough-agent route NAME</c>: asks the configured forests for their names, as a running agent does, and tells
/// where the name would go.</summary>
internal sealed class RouteCommand(AgentOptions options, TimeProvider clock, TextWriter output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <returns>0 if the name is routed, 1 if not.</returns>
    /// <exception cref="StartFaultException">A forest's names could not be read: the answer could be wrong.</exception>
    public async Task<int> RunAsync(string text, bool isJson, CancellationToken cancel)
    {
        var name = TypedName.TryParse(text)
            ?? throw new StartFaultException(FaultKind.InputMissing, "this is not a user name: write user@suffix or DOMAIN\\user");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Patience);
        var forests = Open();
        try
        {
            var names = await Task.WhenAll(forests.Select(forest => NamesOfAsync(forest, deadline.Token)));
            var table = RoutingTableBuilder.Build([.. names]);
            var route = table.Find(name.Suffix);
            var controllers = await ControllersOfAsync(forests, route, deadline.Token);
            var trusts = names.SelectMany(each => each.Trusts, (each, trust) => $"{each.Name}: {RouteExplanation.Of(trust)}").ToList();
            await output.WriteLineAsync(isJson
                ? new JsonObject
                {
                    ["name"] = $"{name}",
                    ["routed"] = route.Outcome == RouteOutcome.Routed,
                    ["forest"] = route.Outcome == RouteOutcome.Routed ? route.Claim?.Forest : null,
                    ["route"] = RouteExplanation.Of(name, route),
                    ["domainControllers"] = Array(controllers),
                    ["trusts"] = Array(trusts),
                    ["notes"] = Array(table.Notes),
                }.ToJsonString()
                : string.Join('\n', [$"{name}: {RouteExplanation.Of(name, route)}", .. controllers, .. trusts, .. table.Notes.Select(note => $"note: {note}")]));
            return route.Outcome == RouteOutcome.Routed ? 0 : 1;
        }
        finally
        {
            foreach (var forest in forests)
            {
                await forest.DisposeAsync();
            }
        }
    }

    private static JsonArray Array(IEnumerable<string> lines) => new([.. lines.Select(line => JsonValue.Create(line))]);

    private ImmutableArray<ForestDirectory> Open()
    {
        try
        {
            return [.. options.Forests.Select(forest => ForestDirectory.Open(forest, clock, NullLogger<ForestDirectory>.Instance))];
        }
        catch (DirectoryFaultException e)
        {
            throw new StartFaultException(FaultKind.ConfigurationWrong, e.Message, e);
        }
    }

    private static async Task<ForestNames> NamesOfAsync(ForestDirectory forest, CancellationToken deadline)
    {
        var reply = await forest.ReadNamesAsync(deadline);
        var names = reply.Names ?? throw new StartFaultException(FaultKind.NoDomainController, $"{reply.Fault}");
        forest.UseNames(names);
        return names;
    }

    private static async Task<IReadOnlyList<string>> ControllersOfAsync(
        ImmutableArray<ForestDirectory> forests, Route route, CancellationToken deadline)
    {
        if (route is not { Outcome: RouteOutcome.Routed, Claim: { } claim })
        {
            return [];
        }

        return forests.FirstOrDefault(forest => forest.Forest.Equals(claim.Forest, StringComparison.OrdinalIgnoreCase)) is { } asked
            ? [.. (await asked.ExplainOrderAsync(route.Domain, deadline)).Select((line, i) => $"{(i == 0 ? "asked first" : "then")}: {line}")]
            : [$"{claim.Forest} is not configured here: no password is checked for it until Forests has it, with a service account"];
    }
}
