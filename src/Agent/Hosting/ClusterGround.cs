using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Lockout;

namespace Passthrough.Agent.Hosting;

/// <summary>What must hold before the actor system starts, because it would say less clearly, or later, that it does
/// not.</summary>
internal sealed class ClusterGround(
    ClusterNodeOptions node, JournalOptions journal, JournalHealth health, IHostApplicationLifetime lifetime, ILogger<ClusterGround> log)
    : BackgroundService
{
    /// <summary>Between two tries to find a journal that was not there at the start.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        CheckPort();
        try
        {
            health.Identity = await JournalDatabase.PrepareAsync(journal, cancellationToken);
        }
        catch (JournalUnavailableException fault)
        {
            // People must be able to sign in all the same.
            health.IsPrepared = false;
            log.StartsWithoutJournal(fault.Message, JournalHealth.Runbook);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!health.IsPrepared)
        {
            await Task.Delay(Pause, stoppingToken);
            try
            {
                health.Identity = await JournalDatabase.PrepareAsync(journal, stoppingToken);
                health.IsPrepared = true;
            }
            catch (JournalUnavailableException)
            {
                // Said already.
            }
            catch (ClusterStartException fault)
            {
                log.JournalIsUnfit(fault.Message);
                lifetime.StopApplication();
                return;
            }
        }
    }

    private void CheckPort()
    {
        using var probe = new TcpListener(IPAddress.Parse(node.BindAddress), node.Port);
        try
        {
            probe.Start();
        }
        catch (SocketException fault)
        {
            throw new ClusterStartException(
                fault.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"port {node.Port} on {node.BindAddress} is taken: another agent or program listens there. Stop it, or give this agent another cluster port"
                    : $"port {node.Port} on {node.BindAddress} cannot be listened on: {fault.Message}",
                fault);
        }
    }
}
