using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Operator;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Hosting;

/// <summary>The parts of a running agent, in the order in which they start; they stop in the reverse one, so that the streams
/// are drained while permits are still to be had.</summary>
internal sealed class AgentParts(
    AgentOptions options, TimeProvider clock, IdentityStore store, StoredIdentity identity, EnrolmentRecord enrolment, SiteForests forests)
{
    /// <summary>After the drain: for the cluster's good-bye and for closing files.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(20);

    public IHost Build()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        AgentLogging.Configure(builder.Logging);
        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout + StopMargin);
        services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        services.AddSingleton(clock);
        services.AddSingleton<SteadyClock>();
        services.AddSingleton<HostFaults>();
        services.AddSingleton(store);
        services.AddSingleton(enrolment);
        services.AddSingleton(new CurrentIdentity(identity));
        services.AddSingleton(new SealingKeyring(identity.Name));
        services.AddSingleton(options);
        services.AddSingleton(provider => new PolicyStore(
            options.StateDirectory, options.Lockout, provider.GetRequiredService<ILogger<PolicyStore>>()));
        services.AddSingleton(provider => provider.GetRequiredService<PolicyStore>().Policies);
        // Before the cluster, which may have to be waited for.
        services.AddHostedService<CertificateRenewal>();
        services.AddClusterNode(options.Cluster, options.Journal, options.Lockout);
        services.AddPeers(options.Cluster, options.StateDirectory);
        services.AddSingleton(forests);
        services.AddSingleton(forests.Routes);
        services.AddForestNode();
        services.AddSingleton<AccountUnlock>();
        services.AddSingleton<ForestQuestions>();
        services.AddSingleton<OperatorService>();
        services.AddSingleton<IHostedService>(provider => new OperatorSocket(
            provider.GetRequiredService<OperatorService>, options.OperatorSocket, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(Steps);
        services.AddSingleton<AttemptWorker>();
        services.AddSingleton<NameFinder>();
        services.AddSingleton(provider => new Intake(options.Credits, provider.GetRequiredService<AttemptWorker>().RunAsync));
        services.AddSingleton<Func<AgentHeartbeat>>(provider => () => Health(
            provider.GetRequiredService<JournalHealth>(), provider.GetRequiredService<ActorSystem>()));
        services.AddSingleton<Func<IEnumerable<SiteSuffixes>>>(Suffixes);
        services.AddSingleton<GatewayConnector>();
        services.AddHostedService(provider => provider.GetRequiredService<GatewayConnector>());
        return builder.Build();
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
