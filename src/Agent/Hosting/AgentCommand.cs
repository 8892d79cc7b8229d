using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Hosting;

/// <summary>The command line: <c>enroll</c> once, then <c>run</c>; <c>route</c> for the curious. Every input can also come from the environment.</summary>
internal sealed partial class AgentCommand(
    IReadOnlyDictionary<string, string> environment, TimeProvider clock, TextWriter output, TextWriter error)
{
    public const string GatewayVariable = "PASSTHROUGH_AGENT_GATEWAY";
    public const string TokenVariable = "PASSTHROUGH_AGENT_TOKEN";
    public const string NameVariable = "PASSTHROUGH_AGENT_NAME";

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

    private readonly Argument<string> _userName = new("NAME") { Description = "A name as a person would type it: user@suffix or DOMAIN\\user." };

    /// <summary>The version that is told to gateways and operators.</summary>
    public static string ProgramVersion { get; } =
        typeof(AgentCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <returns>The exit code: 0, the number of a <see cref="FaultKind"/>, or 1 for a command line that is wrong.</returns>
    public async Task<int> RunAsync(string[] args, CancellationToken cancel = default)
    {
        var enroll = new Command("enroll", "Enrol this machine at a gateway, once, with a join token.") { _gateway, _token, _name, _config };
        enroll.SetAction((parsed, cancelled) => GuardAsync(() => EnrollAsync(parsed, cancelled)));
        var run = new Command("run", "Run the agent until it is told to stop (SIGTERM, Ctrl-C).") { _config };
        run.SetAction((parsed, cancelled) => GuardAsync(() => RunAgentAsync(parsed, cancelled)));
        var route = new Command("route", "Tell to which forest and domain controller a name leads, and why. Exit code 1: to none.")
        {
            _userName, _config,
        };
        route.SetAction((parsed, cancelled) => GuardAsync(() =>
            new RouteCommand(Options(parsed, AgentOptionsValidator.Faults), clock, output).RunAsync(parsed.GetValue(_userName)!, cancelled)));
        var root = new RootCommand(
            "The on-premises agent: checks passwords against the directories of this site for the gateway it is enrolled at.")
        {
            enroll, run, route,
        };

        return await root.Parse(args).InvokeAsync(
            // The host stops on signals by itself: the parser must not cut it short.
            new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null }, cancel);
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

        var enroller = new Enroller(new IdentityStore(options.StateDirectory, clock), clock, ProgramVersion);
        var record = await enroller.EnrolAsync(gateway, token, ReadName(parsed), cancel);
        await output.WriteLineAsync(
            $"Enrolled as agent {record.AgentId} ({record.AgentName}) of tenant {record.Tenant} for {string.Join(", ", record.Forests)}. "
            + "Start it with: passthrough-agent run");
        return 0;
    }

    private Task<int> RunAgentAsync(ParseResult parsed, CancellationToken cancel)
    {
        var options = Options(parsed, AgentOptionsValidator.Faults);
        return AgentHost.RunAsync(options, clock, cancel);
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
                await error.WriteLineAsync($"passthrough-agent: {fault}");
            }

            return e.Faults[0].ExitCode;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9.-]{1,63}$")]
    private static partial Regex AgentName();
}
