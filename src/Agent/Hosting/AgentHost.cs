using System.Net.Sockets;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Audit;

namespace Passthrough.Agent.Hosting;

/// <summary>Runs the agent: what must hold before anything starts, then one generic host with all its parts.</summary>
internal static class AgentHost
{
    /// <returns>0 after a stop in good order.</returns>
    /// <exception cref="StartFaultException">It cannot start, or cannot go on without a human.</exception>
    public static async Task<int> RunAsync(AgentOptions options, TimeProvider clock, CancellationToken cancel)
    {
        PrivateFile.EnsureDirectory(options.StateDirectory);
        PrivateFile.EnsureDirectory(Path.GetDirectoryName(options.OperatorSocket)!);
        using var stateLock = StateLock.Take(options.StateDirectory);
        var store = new IdentityStore(options.StateDirectory, clock);
        var (identity, enrolment) = (store.Load(), store.LoadRecord());
        EnsureSocketFree(options.OperatorSocket);

        using var logging = new AgentLogging(clock);
        using var logs = LoggerFactory.Create(logging.Configure);
        await using var forests = SiteForests.Open(options.Forests, enrolment.Forests, clock, logs);
        await forests.CheckAsync(cancel);
        logs.CreateLogger<GatewayConnector>().Serving(
            enrolment.AgentId, enrolment.AgentName, enrolment.Tenant, AgentCommand.ProgramVersion, string.Join(", ", enrolment.Forests));
        await using var audit = AuditLog.Open(
            new AuditPlace(options.StateDirectory, options.Audit), $"passthrough-agent {AgentCommand.ProgramVersion}", clock, logs.CreateLogger<AuditLog>());
        var host = new AgentParts(options, clock, store, identity, enrolment, forests, logging, audit).Build();
        await using ((IAsyncDisposable)host)
        {
            await StartAsync(host, cancel);
            var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
            new ServiceManager(token => AnswersAsync(host.Services, token), clock).Run(lifetime.ApplicationStopping, lifetime.ApplicationStopped);
            await host.WaitForShutdownAsync(cancel);
            return host.Services.GetRequiredService<HostFaults>().First is { } fault ? throw new StartFaultException([fault]) : 0;
        }
    }

    private static async Task StartAsync(IHost host, CancellationToken cancel)
    {
        try
        {
            await host.StartAsync(cancel);
        }
        catch (Exception e)
        {
            // Some parts may have started.
            await host.StopAsync(CancellationToken.None);
            if (e is ClusterStartException fault)
            {
                var kind = e.InnerException is SocketException ? FaultKind.PortTaken : FaultKind.ClusterNotStarted;
                throw new StartFaultException(kind, fault.Message, e);
            }

            throw;
        }
    }

    /// <summary>The way of every sign-in through this process: its region of shards. Not the cluster: that others are away is no reason to start
    /// anew.</summary>
    private static Task<ActorIdentity> AnswersAsync(IServiceProvider services, CancellationToken cancel) =>
        services.GetRequiredService<IRequiredActor<PermitDesk>>().ActorRef.Ask<ActorIdentity>(new Identify(null), cancel);

    /// <summary>The file of a process that was killed stays behind and is replaced; one that answers is in use.</summary>
    private static void EnsureSocketFree(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            return;
        }

        throw new StartFaultException(
            FaultKind.PortTaken,
            $"the operator's socket {path} is in use: another agent runs; stop it, or give this one an {nameof(AgentOptions.OperatorSocket)} of its own");
    }
}
