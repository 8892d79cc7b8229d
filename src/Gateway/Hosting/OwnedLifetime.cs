namespace Passthrough.Gateway.Hosting;

/// <summary>A web application that another one starts and stops: it does not listen for signals itself.</summary>
internal sealed class OwnedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
