using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Monitoring;
using Passthrough.Audit;
using Passthrough.Decisions.Monitoring;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Hosting;

/// <summary>The command line: <c>enroll</c> once, then <c>run</c>; <c>route</c> and <c>audit</c> for the curious, <c>journal</c> for its database. Every input can also come from the environment.</summary>
internal sealed partial class AgentCommand(
    IReadOnlyDictionary<string, string> environment, TimeProvider clock, TextWriter output, TextWriter error)
{
    public const string ProgramName = "passthrough-agent";
    public const string GatewayVariable = "PASSTHROUGH_AGENT_GATEWAY";
    public const string TokenVariable = "PASSTHROUGH_AGENT_TOKEN";
    public const string NameVariable = "PASSTHROUGH_AGENT_NAME";

    private readonly CommandAudit _audit = new(environment, ProgramName, e => (e as StartFaultException)?.Faults[0].ToString(), clock, error);

    private readonly Option<string?> _config = new("--config")
    {
        Description = $"The configuration file. Default {AgentConfiguration.DefaultFile}. Environment: {AgentConfiguration.FileVariable}",
    };

    private readonly Option<string?> _gateway = new("--gateway")
    {
        Description = $"The gateway's enrolment address, https://host:port. Environment: {GatewayVariable}",
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = "The one-time join token. Other users of this machine can see a command line: better by environment, "
            + TokenVariable,
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = $"What people call this agent. Default: the machine's name. Environment: {NameVariable}",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON for programs." };

    private readonly Argument<string> _userName = new("NAME") { Description = "A name as a person would type it: user@suffix or DOMAIN\\user." };

    private readonly Option<string> _to = new("--to")
    {
        Description = "The file that holds the connection string of an empty PostgreSQL database: Host=…;Database=…;Username=…;Password=…",
        Required = true,
    };

    private readonly Option<string?> _role = new("--role")
    {
        Description = "The agents' database user, who gets leave to use the tables. Default: none but who runs the script.",
    };

    /// <summary>The version that is told to gateways and operators.</summary>
    public static string ProgramVersion { get; } =
        typeof(AgentCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <returns>The exit code: 0, the number of a <see cref="FaultKind"/>, or 1 for a command line that is wrong.</returns>
    public async Task<int> RunAsync(string[] args, CancellationToken cancel = default)
    {
        var enroll = new Command("enroll", "Enrol this machine at a gateway, once, with a join token.") { _gateway, _token, _name, _config, _json };
        enroll.SetAction((parsed, cancelled) => GuardAsync(() => EnrollAsync(parsed, cancelled)));
        var run = new Command("run", "Run the agent until it is told to stop (SIGTERM, Ctrl-C).") { _config };
        run.SetAction((parsed, cancelled) => GuardAsync(() => RunAgentAsync(parsed, cancelled)));
        var route = new Command("route", "Tell to which forest and domain controller a name leads, and why. Exit code 1: to none.")
        {
            _userName, _config, _json,
        };
        route.SetAction((parsed, cancelled) => GuardAsync(() =>
            new RouteCommand(Options(parsed, AgentOptionsValidator.Faults), clock, output).RunAsync(parsed.GetValue(_userName)!, parsed.GetValue(_json), cancelled)));
        var health = new Command(
            "health", "Ask the running agent how it is, for monitoring. Exit code 0: well, 1: somebody should look, 2: no sign-in here, 3: not known.")
        {
            _config, _json,
        };
        health.SetAction((parsed, cancelled) => HealthAsync(parsed, cancelled));
        var root = new RootCommand(
            "The on-premises agent: checks passwords against the directories of this site for the gateway it is enrolled at.")
        {
            enroll, run, route, health, Journal(), Audit(),
        };

        return await root.Parse(args).InvokeAsync(
            // The host stops on signals by itself: the parser must not cut it short.
            new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null }, cancel);
    }

    private Command Journal()
    {
        var move = new Command("move", "Move the journal from its SQLite file to PostgreSQL, with all failures and locks. Stop the agent first.")
        {
            _to, _config,
        };
        move.SetAction((parsed, cancelled) => GuardAsync(() => MoveJournalAsync(parsed, cancelled)));
        var schema = new Command("schema", "Print the script that makes the journal's tables in PostgreSQL, for a database administrator.") { _role };
        schema.SetAction((parsed, _) => output.WriteAsync(PostgreSqlSchema.Script(parsed.GetValue(_role))));
        return new Command("journal", "The database of failures and locks.") { move, schema };
    }

    private async Task<int> MoveJournalAsync(ParseResult parsed, CancellationToken cancel)
    {
        var options = Options(parsed, AgentOptionsValidator.JournalFaults);
        var to = Path.GetFullPath(parsed.GetValue(_to)!);
        return await _audit.RunAsync(Place(options), $"journal move --to {to}", async () =>
        {
            using var stopped = Directory.Exists(options.StateDirectory) ? StateLock.Take(options.StateDirectory) : null;
            var target = new JournalOptions { Provider = JournalProvider.PostgreSql, ConnectionStringFile = to };
            var policy = new PolicyStore(options.StateDirectory, options.Lockout, NullLogger<PolicyStore>.Instance).Policies.Now;
            await new JournalMove(options.Journal.Path, target, policy, clock, output).RunAsync(cancel);
            return 0;
        });
    }

    private static AuditPlace Place(AgentOptions options) => new(options.StateDirectory, options.Audit);

    private Command Audit()
    {
        var config = new Option<string?>("--config") { Description = _config.Description, Recursive = true };
        var json = new Option<bool>("--json") { Description = "Print JSON for programs; records one a line.", Recursive = true };
        var command = new AuditCommands(
            parsed => Place(AgentConfiguration.Read(
                parsed.GetValue(config) ?? environment.GetValueOrDefault(AgentConfiguration.FileVariable), environment, AgentOptionsValidator.StateFaults)),
            GuardAsync, _audit.By, json, clock, output, error).Create();
        command.Options.Add(config);
        command.Options.Add(json);
        return command;
    }

    private async Task<int> EnrollAsync(ParseResult parsed, CancellationToken cancel)
    {
        var options = Options(parsed, AgentOptionsValidator.StateFaults);
        var gateway = ReadGateway(Input(parsed, _gateway, GatewayVariable));
        var text = Input(parsed, _token, TokenVariable);
        if (!JoinToken.TryParse(text, out var token))
        {
            throw new StartFaultException(
                FaultKind.TokenMalformed, "this is not a join token (ptj1.…): copy it whole from passthrough-gateway token create");
        }

        var name = ReadName(parsed);
        var enroller = new Enroller(new IdentityStore(options.StateDirectory, clock), clock, ProgramVersion);

        // Not the token, which is a secret until it is used.
        var record = await _audit.RunAsync(
            Place(options), $"enroll --gateway {gateway} --name {name}", () => enroller.EnrolAsync(gateway, token, name, cancel));
        await output.WriteLineAsync(parsed.GetValue(_json)
            ? new JsonObject
            {
                ["agentId"] = record.AgentId,
                ["name"] = record.AgentName,
                ["tenant"] = record.Tenant,
                ["forests"] = new JsonArray([.. record.Forests.Select(forest => JsonValue.Create(forest))]),
            }.ToJsonString()
            : $"Enrolled as agent {record.AgentId} ({record.AgentName}) of tenant {record.Tenant} for {string.Join(", ", record.Forests)}. "
                + "Start it with: passthrough-agent run");
        return 0;
    }

    private Task<int> RunAgentAsync(ParseResult parsed, CancellationToken cancel)
    {
        var options = Options(parsed, AgentOptionsValidator.Faults);
        return AgentHost.RunAsync(options, clock, cancel);
    }

    private async Task<int> HealthAsync(ParseResult parsed, CancellationToken cancel)
    {
        HealthAnswer answer;
        try
        {
            answer = await HealthQuestion.AskAsync(Options(parsed, AgentOptionsValidator.MonitoringFaults).Monitoring, ProgramName, cancel);
        }
        catch (StartFaultException e)
        {
            answer = new(ProgramName, CheckResult.Unknown(ProgramName, string.Join("; ", e.Faults)));
        }

        await output.WriteLineAsync(answer.ToText(parsed.GetValue(_json)));
        return answer.Result.ExitCode;
    }

    private AgentOptions Options(ParseResult parsed, Func<AgentOptions, IEnumerable<string>> validate) =>
        AgentConfiguration.Read(
            parsed.GetValue(_config) ?? environment.GetValueOrDefault(AgentConfiguration.FileVariable), environment, validate);

    private string Input(ParseResult parsed, Option<string?> option, string variable) =>
        parsed.GetValue(option) ?? environment.GetValueOrDefault(variable)
        ?? throw new StartFaultException(FaultKind.InputMissing, $"{option.Name} is missing: give it, or set {variable}");

    private static Uri ReadGateway(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/"
            ? uri
            : throw new StartFaultException(
                FaultKind.InputMissing, $"the gateway '{text}' is not an address: write https://host:port, the enrolment listener's");

    private string ReadName(ParseResult parsed)
    {
        var name = parsed.GetValue(_name) ?? environment.GetValueOrDefault(NameVariable) ?? Environment.MachineName;
        return AgentName().IsMatch(name)
            ? name
            : throw new StartFaultException(
                FaultKind.EnrolmentRefused,
                $"'{name}' cannot name an agent: 1 to 63 letters, digits, dots and hyphens; choose another with --name");
    }

    private async Task<int> GuardAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (StartFaultException e)
        {
            foreach (var fault in e.Faults)
            {
                await error.WriteLineAsync($"{ProgramName}: {fault}");
            }

            return e.Faults[0].ExitCode;
        }
        catch (AuditFaultException e)
        {
            var fault = new StartFault(e.IsBroken ? FaultKind.AuditBroken : FaultKind.AuditUnusable, e.Message);
            await error.WriteLineAsync($"passthrough-agent: {fault}");
            return fault.ExitCode;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9.-]{1,63}$")]
    private static partial Regex AgentName();
}
