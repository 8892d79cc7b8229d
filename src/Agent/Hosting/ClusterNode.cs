using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Peers;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Hosting;

/// <summary>Makes a process a node of the cluster of agents.</summary>
public static class ClusterNode
{
    /// <summary>Registers the node. When the host has started, it is a member of the cluster, its journal has been written and
    /// <see cref="PermitDesk"/> answers. If it cannot be so, the host's start throws <see cref="ClusterStartException"/>. When
    /// the node is taken out of the cluster, the host stops: the service manager must start it again.</summary>
    /// <exception cref="ArgumentException">The options have faults; a caller that validated them does not see this.</exception>
    public static IServiceCollection AddClusterNode(
        this IServiceCollection services, ClusterNodeOptions node, JournalOptions journal, LockoutPolicy lockout)
    {
        var isEnrolled = services.Any(service => service.ServiceType == typeof(CurrentIdentity));
        string[] faults = [.. node.Faults(), .. journal.Faults(), .. lockout.Faults(), .. isEnrolled || node.IsLocal ? Array.Empty<string>() :
            [$"{nameof(node.BindAddress)} is '{node.BindAddress}': must be a loopback address for a node without an identity"]];
        if (faults.Length > 0)
        {
            throw new ArgumentException(string.Join("; ", faults));
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IHostedService>(provider => new ClusterGround(
            node,
            journal,
            provider.GetRequiredService<JournalHealth>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<ILogger<ClusterGround>>()));
        services.TryAddSingleton(new LockoutPolicies(lockout));
        services.AddSingleton(provider => Transport(provider, node));
        services.AddAkka(node.Name, (akka, provider) => Configure(akka, provider, node, journal));
        services.AddSingleton(provider => new PermitDesk(
            provider.GetRequiredService<IRequiredActor<PermitDesk>>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetService<CurrentIdentity>()?.Value.Name.AgentId ?? node.Name, provider.GetService<InterimPermits>()));
        if (journal.Provider == JournalProvider.PostgreSql)
        {
            // All nodes of a cluster hold back the same, or none does: the journal is what they have in common.
            services.AddSingleton(provider => new Escrow(journal, provider.GetRequiredService<ILogger<Escrow>>()));
            services.AddSingleton(provider => new InterimPermits(
                provider.GetRequiredService<Escrow>(), provider.GetRequiredService<LockoutPolicies>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<InterimPermits>>()));
        }

        services.AddSingleton<JournalHealth>();
        services.AddSingleton(provider => new MemoryGrants(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHostedService>(provider => new ClusterStart(node, provider));
        return services;
    }

    private static void Configure(
        AkkaConfigurationBuilder akka, IServiceProvider provider, ClusterNodeOptions node, JournalOptions journal)
    {
        var logs = provider.GetRequiredService<ILoggerFactory>();
        akka.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory(logs);
            })
            .AddHocon(SiteOf(node).WithFallback(HoconFiles.Load()), HoconAddMode.Prepend)
            // Without the plugin's own defaults every persistent actor dies in its constructor, and askers see time-outs only.
            .AddHocon(SqlPersistence.DefaultConfiguration, HoconAddMode.Append)
            .AddSetup(provider.GetRequiredService<NodeTransportSetup>())
            .AddSetup(new DataOptionsSetup(JournalDatabase.Connect(journal)))
            .WithLockout(
                provider.GetRequiredService<LockoutPolicies>(), provider.GetRequiredService<MemoryGrants>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<JournalHealth>(), provider.GetService<Escrow>(), logs)
            .WithForests(provider.GetRequiredService<TimeProvider>(), logs);
        if (journal.Provider == JournalProvider.PostgreSql)
        {
            // hocon/cluster.conf says why.
            akka.AddSetup(new PartitionLeaseSetup(PostgreSqlJournal.Open(journal)))
                .AddHocon("akka.cluster.split-brain-resolver.active-strategy = lease-majority", HoconAddMode.Prepend);
        }
    }

    /// <summary>Has an enrolled node find its peers through the gateway, and be found.</summary>
    internal static IServiceCollection AddPeers(this IServiceCollection services, ClusterNodeOptions node, string stateDirectory)
    {
        services.AddSingleton(provider => new PeerRoster(stateDirectory, provider.GetRequiredService<ILogger<PeerRoster>>()));
        services.AddSingleton<PeerInquiry>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ClusterForming>(provider, node));
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<PeerWatch>(
            provider, node, (Func<ActorSystem>)provider.GetRequiredService<ActorSystem>));
        return services;
    }

    private static NodeTransportSetup Transport(IServiceProvider provider, ClusterNodeOptions node)
    {
        var roster = provider.GetService<PeerRoster>();
        var (clock, log) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<NodeTransport>>());
        var tls = provider.GetService<CurrentIdentity>() is { } identity ? new NodeTls(identity, id => roster?.IsRevoked(id) == true, clock) : null;
        return new NodeTransportSetup(node, tls, new PeerRefusals(clock, log), log);
    }

    /// <summary>What a site chooses, as HOCON. The values are validated, so none can end the string that it stands in.</summary>
    private static Config SiteOf(ClusterNodeOptions node) => ConfigurationFactory.ParseString(
        $"akka.cluster.seed-nodes = [{string.Join(',', node.SeedNodes.Select(seed => $"\"{node.ParseNode(seed)}\""))}]");
}
