using System.Diagnostics;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Peers;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Hosting;

/// <summary>Brings a started actor system to where the first sign-in is as fast as the next: member of the cluster, journal
/// written, shards answering. The first queries of each kind take the journal plugin a second or two.</summary>
internal sealed class ClusterStart(
    ClusterNodeOptions node,
    IServiceProvider services) : IHostedService
{
    /// <summary>Longer than a node tries to join (60 s, hocon/cluster.conf).</summary>
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(75);

    /// <summary>The first queries of a process take a second or two, many on a machine that has much else to do.</summary>
    private static readonly TimeSpan JournalPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PermitPatience = TimeSpan.FromSeconds(60);

    /// <summary>Nobody's account: its names end in a domain that cannot exist (RFC 2606).</summary>
    private static readonly AccountKey WarmUp = new("warm-up.invalid", Guid.Empty);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Not before: hosted services are made before the first of them is started, and the actor system with who asks for it.
        var system = services.GetRequiredService<ActorSystem>();
        var cluster = Akka.Cluster.Cluster.Get(system);
        var startedAt = Stopwatch.GetTimestamp();
        await JoinAsync(system, cluster, cancellationToken);
        await WriteJournalAsync(system, cluster.SelfAddress, cancellationToken);
        await AskPermitAsync(cancellationToken);
        services.GetRequiredService<ILogger<ClusterStart>>().NodeReady(cluster.SelfAddress.ToString(), cluster.State.Members.Count, Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task JoinAsync(ActorSystem system, Akka.Cluster.Cluster cluster, CancellationToken cancel)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.RegisterOnMemberUp(() => up.TrySetResult());
        if (node.SeedNodes.Length == 0 && services.GetService<ClusterForming>() is { } forming)
        {
            await Task.WhenAny(forming.JoinAsync(cluster, up.Task, cancel), system.WhenTerminated);
        }
        else if (node.SeedNodes.Length == 0)
        {
            cluster.Join(cluster.SelfAddress);
        }

        await Task.WhenAny(up.Task, system.WhenTerminated, Task.Delay(JoinPatience, cancel));
        cancel.ThrowIfCancellationRequested();
        if (!up.Task.IsCompleted)
        {
            throw new ClusterStartException(
                $"the cluster '{node.Name}' could not be joined by {string.Join(", ", node.SeedNodes)}: start one of these nodes, or correct the seed nodes");
        }
    }

    /// <summary>By a ledger of no shard: what it does is what every ledger does, recover, write and read. A journal that is down
    /// keeps nobody from signing in.</summary>
    private async Task WriteJournalAsync(ActorSystem system, Address self, CancellationToken cancel)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        var health = services.GetRequiredService<JournalHealth>();
        var policies = services.GetRequiredService<LockoutPolicies>();
        var log = services.GetRequiredService<ILogger<LedgerEntity>>();
        var ledger = system.ActorOf(Props.CreateBy(new EntityProducer<LedgerEntity>(
            () => new LedgerEntity($"none-{self.Host}:{self.Port}", policies, clock, health, log, JournalPatience))));
        await ledger.Ask<LedgerProtocol.Entered>(new LedgerProtocol.Enter(WarmUp), cancel);
        ledger.Tell(new LedgerProtocol.Leave(WarmUp));
        ledger.Tell(LedgerProtocol.Retire.Instance);
    }

    private async Task AskPermitAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(PermitPatience);
        var desk = services.GetRequiredService<PermitDesk>();
        var attempt = new AttemptId(Guid.CreateVersion7());
        switch (await desk.AskAsync(new PermitRequest(WarmUp, ClientSource.Nowhere, attempt), patience.Token))
        {
            case PermitAnswer.Granted granted:
                await desk.SettleAsync(WarmUp, attempt, granted.Permit, Settlement.Succeeded, wrong: null, patience.Token);
                break;
            case PermitAnswer.Unavailable:
                cancel.ThrowIfCancellationRequested();
                throw new ClusterStartException(
                    $"the cluster '{node.Name}' grants no permits: no node answers for its shards. The log says why");
        }
    }
}
