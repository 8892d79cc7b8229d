using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Dashboard;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Operator.Commands;

namespace Passthrough.Agent.Operator;

/// <summary>Registers the capability with an agent.</summary>
internal static class OperatorHosting
{
    /// <summary>Starts after the cluster node: first this node's part in commands, then the doors.</summary>
    public static IServiceCollection AddOperators(this IServiceCollection services, AgentOptions options)
    {
        services.AddSingleton<AccountNames>();
        services.AddSingleton<ClusterEvents>();
        services.AddSingleton<NodeNames>();
        services.AddSingleton<LocalLedgers>();
        services.AddSingleton<ForestRows>();
        services.AddSingleton<ControllerRows>();
        services.AddSingleton<AgentRows>();
        services.AddSingleton<Lockouts>();
        services.AddSingleton<NodeCalls>();
        services.AddSingleton<OperatorAudit>();
        services.AddSingleton<CommandRuns>();
        services.AddSingleton<OperatorService>();
        services.AddSingleton<OperatorWeb>();
        services.AddSingleton<ClusterLook>();
        services.AddSingleton(Dashboard);
        services.AddSingleton<LatencyHistory>();
        services.AddHostedService(provider => provider.GetRequiredService<LatencyHistory>());
        services.AddSingleton(provider => new Palettes(provider));
        services.AddSingleton(Parts);
        services.AddSingleton<IHostedService, Presence>();
        services.AddSingleton<IHostedService>(provider => new OperatorSocket(
            provider.GetRequiredService<OperatorWeb>, options.OperatorSocket, OperatorDoor.Commands));
        services.AddSingleton<IHostedService>(provider => new OperatorSocket(
            provider.GetRequiredService<OperatorWeb>, OperatorSocket.DashboardBeside(options.OperatorSocket), OperatorDoor.Dashboard));
        services.AddSingleton(provider => new OperatorPort(
            provider.GetRequiredService<OperatorWeb>, options.Operator, provider.GetRequiredService<CurrentIdentity>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<OperatorPort>());
        return services;
    }

    private static DashboardFeed Dashboard(IServiceProvider provider)
    {
        var (look, clock) = (provider.GetRequiredService<ClusterLook>(), provider.GetRequiredService<TimeProvider>());
        return new DashboardFeed(async () => ClusterPage.Of(await look.LookAsync(), clock.GetUtcNow()), clock);
    }

    private static OperatorParts Parts(IServiceProvider provider)
    {
        var enrolment = provider.GetRequiredService<EnrolmentRecord>();
        var self = Cluster.Get(provider.GetRequiredService<ActorSystem>()).SelfAddress;
        return new OperatorParts(
            enrolment.AgentName,
            name => name.Equals(enrolment.AgentName, StringComparison.OrdinalIgnoreCase) || name == enrolment.AgentId
                || name == $"{self.Host}:{self.Port}" || name == self.ToString(),
            provider.GetRequiredService<Palettes>(), provider.GetRequiredService<OperatorAudit>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<OperatorNode>>());
    }

    private sealed class Presence(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            var (system, parts) = (services.GetRequiredService<ActorSystem>(), services.GetRequiredService<OperatorParts>());
            var events = services.GetRequiredService<ClusterEvents>();
            system.ActorOf(Props.CreateBy(new EntityProducer<OperatorNode>(() => new OperatorNode(parts))), OperatorNode.Name);
            system.ActorOf(Props.CreateBy(new EntityProducer<ClusterEvents.Listener>(() => new ClusterEvents.Listener(events))), "cluster-events");
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
