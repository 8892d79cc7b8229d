using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace Passthrough.Agent.Hosting;

/// <summary>What must hold before the actor system starts, because it would say less clearly, or later, that it does
/// not.</summary>
internal sealed class ClusterGround(ClusterNodeOptions node, JournalOptions journal) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        CheckPort();
        await JournalDatabase.PrepareAsync(journal, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
