using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>What a running instance of the gateway does to the shared database, without its listeners.</summary>
internal static class OpenInstance
{
    public static async Task<InstanceWatch> OnAsync(
        GatewayContextFactory database, string name, KeptLocks? locks = null, GatewayAddresses? addresses = null)
    {
        var watch = new InstanceWatch(
            database, new GatewayInstance(), addresses ?? new GatewayAddresses(), locks ?? new KeptLocks(TimeProvider.System), new GatewayOptions(),
            TimeProvider.System, NullLogger<InstanceWatch>.Instance);
        await watch.StartAsync(new Uri($"https://{name}:8445"), default);
        return watch;
    }
}
