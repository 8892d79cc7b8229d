using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>The operator's command line: <c>pbm [SOCKET] PALETTE COMMAND</c>, one command and out.</summary>
/// <param name="operatorName">Who is at the console, for the audit trail.</param>
internal sealed class ConsoleCommand(string? socketFromEnvironment, string operatorName, TextWriter output, TextWriter error)
{
    public const string SocketVariable = "PBM_SOCKET";
    public const string DefaultSocket = "/run/passthrough-agent/operator.sock";

    /// <summary>The node could not be asked.</summary>
    public const int Unreachable = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON for programs.", Recursive = true };

    /// <param name="args">A path of a socket may stand first.</param>
    /// <returns>The exit code: 0, <see cref="Unreachable"/> or <see cref="Usage"/>.</returns>
    public async Task<int> RunAsync(string[] args)
    {
        var isSocketGiven = args.Length > 0 && args[0].Contains('/', StringComparison.Ordinal);
        var socket = isSocketGiven ? args[0] : socketFromEnvironment ?? DefaultSocket;
        var root = new RootCommand(
            $"Asks the agent of this machine. A path before the command names its operator socket; default {DefaultSocket}. "
            + $"Environment: {SocketVariable}")
        {
            _json, ClusterPalette(socket), AccountPalette(socket), ForestsPalette(socket), RouteCommand(socket), VersionCommand(),
        };
        var parsed = root.Parse(isSocketGiven ? args[1..] : args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        }

        await error.WriteLineAsync($"pbm: {parsed.Errors[0].Message} See pbm --help");
        return Usage;
    }

    private Command ClusterPalette(string socket)
    {
        var show = new Command("show", "The members of the cluster, as the agent of this machine sees them.");
        show.SetAction((parsed, cancel) => AskAsync(
            socket, parsed.GetValue(_json), async (node, call) => await node.ClusterShowAsync(new ClusterShowRequest(), call), ToText, cancel));
        return new Command("cluster", "The cluster of agents.") { show };
    }

    private Command AccountPalette(string socket)
    {
        var name = new Argument<string>("ACCOUNT") { Description = "A name as the person types it, or the account as the agent's log names it." };
        var reason = new Option<string>("--reason") { Description = "Why, for the audit trail.", Required = true };
        var unlock = new Command("unlock", "End the locks of an account and forgive its failures, in the cluster and at the gateways.")
        {
            name, reason,
        };
        unlock.SetAction((parsed, cancel) =>
        {
            var request = new AccountUnlockRequest
            {
                Account = parsed.GetRequiredValue(name),
                Reason = parsed.GetRequiredValue(reason),
                Operator = operatorName,
            };
            return AskAsync(
                socket, parsed.GetValue(_json), async (node, call) => await node.AccountUnlockAsync(request, call),
                reply => $"{request.Account} is unlocked ({reply.Account})", cancel);
        });
        return new Command("account", "What is counted of an account.") { unlock };
    }

    private Command ForestsPalette(string socket)
    {
        var name = new Argument<string>("FOREST") { Description = "Its DNS name." };
        var list = new Command("list", "The forests of this agent: their names, since when, and which nodes reach them.");
        list.SetAction((parsed, cancel) => AskAsync(
            socket, parsed.GetValue(_json), async (node, call) => await node.ForestsListAsync(new ForestsListRequest(), call),
            reply => string.Join(Environment.NewLine + Environment.NewLine, reply.Forests.Select(ForestText.Of)), cancel));
        var refresh = new Command("refresh", "Read a forest's names from its directory now, for all agents of the cluster.") { name };
        refresh.SetAction((parsed, cancel) => AskAsync(
            socket, parsed.GetValue(_json),
            async (node, call) => await node.ForestsRefreshAsync(new ForestsRefreshRequest { Forest = parsed.GetRequiredValue(name) }, call),
            reply => ForestText.Of(reply.Forest), cancel));
        return new Command("forests", "The forests whose passwords this agent checks.") { list, refresh };
    }

    private Command RouteCommand(string socket)
    {
        var name = new Argument<string>("NAME") { Description = "A name as a person would type it: user@suffix or DOMAIN\\user." };
        var route = new Command("route", "To which forest and domain controller a name leads now, and why.") { name };
        route.SetAction((parsed, cancel) => AskAsync(
            socket, parsed.GetValue(_json),
            async (node, call) => await node.RouteAsync(new RouteRequest { Name = parsed.GetRequiredValue(name) }, call),
            reply => ForestText.Of(parsed.GetRequiredValue(name), reply), cancel));
        return route;
    }

    private Command VersionCommand()
    {
        var version = new Command("version", "The version of this program.");
        version.SetAction(_ => output.WriteLine(
            typeof(ConsoleCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion));
        return version;
    }

    private async Task<int> AskAsync<T>(
        string socket, bool json, Func<Operator.OperatorClient, CallOptions, Task<T>> ask, Func<T, string> toText, CancellationToken cancel)
        where T : IMessage
    {
        try
        {
            using var node = OperatorChannel.Open(socket);
            var options = new CallOptions(deadline: OperatorChannel.DeadlineIn(Patience), cancellationToken: cancel);
            var reply = await ask(new Operator.OperatorClient(node), options);
            await output.WriteLineAsync(json ? ToJson(reply) : toText(reply));
            return 0;
        }
        catch (RpcException e)
        {
            await error.WriteLineAsync($"pbm: {OperatorChannel.Explain(socket, e)}");
            return Unreachable;
        }
    }

    private static string ToText(ClusterShowReply reply) => string.Join(
        Environment.NewLine,
        reply.Members.Select(m => string.Join(
            " | ",
            m.Address, $"[{string.Join(", ", m.Roles)}]", m.Status, m.Reachable ? "reachable" : "unreachable",
            m.Version + (m.Leader ? " (leader)" : ""))));

    private static string ToJson(IMessage reply)
    {
        var formatter = new JsonFormatter(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));
        return JsonSerializer.Serialize(JsonDocument.Parse(formatter.Format(reply)).RootElement, Indented);
    }
}
