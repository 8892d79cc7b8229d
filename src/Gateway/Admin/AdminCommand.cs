using System.CommandLine;
using Passthrough.Agent.Monitoring;
using Passthrough.Audit;
using Passthrough.Decisions.Monitoring;
using Passthrough.Gateway.Hosting;

namespace Passthrough.Gateway.Admin;

/// <summary>The command line: <c>run</c>, and the administrator's commands, which work on the database whether or not a gateway
/// runs. A running gateway notices a change within a second.</summary>
internal sealed class AdminCommand(
    IReadOnlyDictionary<string, string> environment, TimeProvider clock, TextWriter output, TextWriter error)
{
    public const string ProgramName = "passthrough-gateway";

    private readonly Option<string?> _config = new("--config")
    {
        Description = $"The configuration file. Default {GatewayConfiguration.DefaultFile}. "
            + $"Environment: {GatewayConfiguration.FileVariable}",
        Recursive = true,
    };

    private readonly CommandAudit _audit = new(environment, ProgramName, e => (e as StartFaultException)?.Faults[0].ToString(), clock, error);

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON for programs.", Recursive = true };

    /// <returns>The exit code: 0, 2 for a command line that cannot be understood, or the number of the
    /// <see cref="FaultKind"/> that is printed.</returns>
    public Task<int> RunAsync(string[] args, CancellationToken cancel = default)
    {
        var run = new Command("run", "Run the gateway until it is told to stop (SIGTERM, Ctrl-C).");
        run.SetAction((parsed, cancelled) => GuardAsync(() => GatewayHost.RunAsync(Options(parsed), clock, output, cancelled)));
        var health = new Command(
            "health", "Ask the running gateway how it is, for monitoring. Exit code 0: well, 1: somebody should look, 2: no sign-in here, 3: not known.");
        health.SetAction((parsed, cancelled) => HealthAsync(parsed, cancelled));
        var root = new RootCommand(
            "The cloud side: shows the sign-in page and has passwords checked by the agents that are enrolled here.")
        {
            _config, _json, run, health,
            TenantCommands.Create(RunAsync), TokenCommands.Create(RunAsync),
            AgentCommands.Create(RunAsync), ApiKeyCommands.OfServices.Create(RunAsync), ApiKeyCommands.OfPeople.Create(RunAsync),
            new AuditCommands(parsed => Options(parsed).AuditPlace, GuardAsync, _audit.By, _json, clock, output, error).Create(),
        };
        var parsed = root.Parse(args);
        return parsed.Errors.Count > 0
            ? PrintAsync([.. parsed.Errors.Select(e => new StartFault(FaultKind.Usage, $"{e.Message} See --help"))])
            // The host stops on signals by itself: the parser must not cut it short.
            : parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null }, cancel);
    }

    /// <summary>Opens the database for one administrator's command and prints what it gives back.</summary>
    private Task<int> RunAsync(ParseResult parsed, Func<AdminSession, Task<AdminResult>> command, CancellationToken cancel) =>
        GuardAsync(async () =>
        {
            var options = Options(parsed);
            await using var session = await AdminSession.OpenAsync(options, clock, cancel);
            // No command takes a secret.
            var result = await _audit.RunAsync(
                options.AuditPlace, ReasonOption.WithoutIt(parsed), () => command(session), () => session.Tenant, ReasonOption.Of(parsed));
            await output.WriteLineAsync(parsed.GetValue(_json) ? result.ToJson() : result.ToText());
            return 0;
        });

    private async Task<int> HealthAsync(ParseResult parsed, CancellationToken cancel)
    {
        HealthAnswer answer;
        try
        {
            answer = await HealthQuestion.AskAsync(Options(parsed).Monitoring, ProgramName, cancel);
        }
        catch (StartFaultException e)
        {
            answer = new(ProgramName, CheckResult.Unknown(ProgramName, string.Join("; ", e.Faults)));
        }

        await output.WriteLineAsync(answer.ToText(parsed.GetValue(_json)));
        return answer.Result.ExitCode;
    }

    private GatewayOptions Options(ParseResult parsed) =>
        GatewayConfiguration.Read(
            parsed.GetValue(_config) ?? environment.GetValueOrDefault(GatewayConfiguration.FileVariable), environment);

    private async Task<int> GuardAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (StartFaultException e)
        {
            return await PrintAsync(e.Faults);
        }
        catch (AuditFaultException e)
        {
            return await PrintAsync([new StartFault(e.IsBroken ? FaultKind.AuditBroken : FaultKind.AuditUnusable, e.Message)]);
        }
    }

    private async Task<int> PrintAsync(IReadOnlyList<StartFault> faults)
    {
        foreach (var fault in faults)
        {
            await error.WriteLineAsync($"{ProgramName}: {fault}");
        }

        return faults[0].ExitCode;
    }
}

/// <summary>How a group of commands runs one of them.</summary>
internal delegate Task<int> AdminRunner(
    ParseResult parsed, Func<AdminSession, Task<AdminResult>> command, CancellationToken cancel);
