using Microsoft.Extensions.Hosting;

namespace Passthrough.Agent.Hosting;

/// <summary>Where a part of the running agent reports that it cannot go on without a human: the agent stops in good order, and
/// the reason is printed and becomes the exit code.</summary>
internal sealed class HostFaults(IHostApplicationLifetime lifetime)
{
    private StartFault? _first;

    public StartFault? First => Volatile.Read(ref _first);

    public void Stop(StartFault fault)
    {
        Interlocked.CompareExchange(ref _first, fault, null);
        lifetime.StopApplication();
    }
}
