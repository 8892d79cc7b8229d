using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Monitoring;
using Passthrough.Agent.Operator;
using Passthrough.Audit;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Hosting;

/// <summary>The parts of a running agent, in the order in which they start; they stop in the reverse one, so that the streams
/// are drained while permits are still to be had.</summary>
internal sealed class AgentParts(
    AgentOptions options, TimeProvider clock, IdentityStore store, StoredIdentity identity, EnrolmentRecord enrolment, SiteForests forests,
    AgentLogging logging, AuditLog audit)
{
    /// <summary>After the drain: for the cluster's good-bye and for closing files.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(20);

    public IHost Build()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        logging.Configure(builder.Logging);
        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout + StopMargin);
        services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        services.AddSingleton(clock);
        services.AddSingleton(logging);
        services.AddSingleton<SteadyClock>();
        services.AddSingleton<HostFaults>();
        services.AddSingleton(store);
        services.AddSingleton(enrolment);
        services.AddSingleton<GatewayList>();
        services.AddSingleton(new CurrentIdentity(identity));
        services.AddSingleton(new SealingKeyring(identity.Name));
        services.AddSingleton(options);
        services.AddSingleton(provider => new PolicyStore(
            options.StateDirectory, options.Lockout, provider.GetRequiredService<ILogger<PolicyStore>>()));
        services.AddSingleton(provider => provider.GetRequiredService<PolicyStore>().Policies);
        services.AddSingleton(forests);
        services.AddSingleton(forests.Routes);
        services.AddSingleton<AgentMonitoring>();
        services.AddSingleton<IHostedService>(provider => new MonitoringServer(
            options.Monitoring, new MonitoredProgram(AgentCommand.ProgramName, enrolment.AgentName),
            provider.GetRequiredService<AgentMonitoring>().Parts, provider.GetRequiredService<ILoggerFactory>(), BeginWithZero));
        // Before the cluster, which may have to be waited for.
        services.AddHostedService<CertificateRenewal>();
        services.AddClusterNode(options.Cluster, options.Journal, options.Lockout);
        services.AddPeers(options.Cluster, options.StateDirectory);
        services.AddForestNode();
        services.AddSingleton(audit);
        services.AddOperators(options);
        services.AddSingleton(Steps);
        services.AddSingleton<AttemptHistory>();
        services.AddSingleton<AttemptWatch>();
        services.AddSingleton<AttemptAudit>();
        services.AddSingleton<AttemptWorker>();
        services.AddSingleton<NameFinder>();
        services.AddSingleton(provider => new Intake(options.Credits, provider.GetRequiredService<AttemptWorker>().RunAsync));
        services.AddSingleton<Func<AgentHeartbeat>>(provider => () => Health(
            provider.GetRequiredService<JournalHealth>(), provider.GetRequiredService<ActorSystem>()));
        services.AddSingleton<Func<IEnumerable<SiteSuffixes>>>(Suffixes);
        services.AddSingleton<GatewayConnector>();
        services.AddHostedService(provider => provider.GetRequiredService<GatewayConnector>());
        services.AddHostedService<AgentGauges>();
        return builder.Build();
    }

    /// <summary>What alerts look at is there before it happens.</summary>
    internal static void BeginWithZero()
    {
        LockoutMeters.BeginWithZero();
        JournalHealth.BeginWithZero();
    }

    /// <summary>The desk is asked for at the first attempt, not here: the actor system begins with who first asks for it.</summary>
    private AttemptSteps Steps(IServiceProvider provider)
    {
        var desk = new Lazy<PermitDesk>(provider.GetRequiredService<PermitDesk>);
        var served = forests.All.ToDictionary(
            forest => forest.Forest,
            forest => new ForestSteps(
                forest.Forest, () => forest.Names, forest.HasAlternateIds, new RefusalPace(clock), () => forest.IsReachable, forest.FindAccountAsync,
                forest.BindAsync),
            StringComparer.OrdinalIgnoreCase);
        return new AttemptSteps(
            served.GetValueOrDefault,
            suffix => forests.Routes.Table.Find(suffix),
            (request, deadline) => desk.Value.AskAsync(request, deadline),
            (account, attempt, permit, how, wrong, deadline) => desk.Value.SettleAsync(account, attempt, permit, how, wrong, deadline),
            (account, wrong, deadline) => desk.Value.RepeatAsync(account, wrong, deadline),
            provider.GetRequiredService<ForestPeers>().HandOverAsync);
    }

    /// <summary>What the directories have said; what is configured here, the gateway's administrator configures there.</summary>
    private IEnumerable<SiteSuffixes> Suffixes() =>
        from forest in forests.Routes.Snapshots
        where forest.Version > 0
        let names = forest.Domains.SelectMany(domain => (string[])[domain.DnsName, domain.NetBiosName]).Where(name => name.Length > 0)
        select new SiteSuffixes(forest.Forest, (ulong)forest.Version, names.Concat(forest.UpnSuffixes));

    private AgentHeartbeat Health(JournalHealth journal, ActorSystem system)
    {
        var reachable = forests.Reachable;
        return new AgentHeartbeat
        {
            Healthy = reachable.Count > 0,
            HealthReason = reachable.Count > 0 ? journal.Reason : "no domain controller of any forest answers",
            ReachableForests = { reachable },
            ClusterMembers = (uint)Akka.Cluster.Cluster.Get(system).State.Members.Count,
        };
    }
}
