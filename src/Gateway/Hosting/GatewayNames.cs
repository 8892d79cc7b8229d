using System.Net;

namespace Passthrough.Gateway.Hosting;

/// <summary>Under which names this gateway is reached.</summary>
internal static class GatewayNames
{
    /// <summary>What stands in its certificates; the first is the one that others are told.</summary>
    public static IReadOnlyList<string> Of(GatewayOptions options) =>
        options.Names.Count > 0
            ? [.. options.Names]
            : [Environment.MachineName, "localhost", IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString()];

    /// <summary>The address of a listener, for others.</summary>
    public static Uri Address(GatewayOptions options, int port)
    {
        var host = Of(options)[0];
        return new Uri($"https://{(IPAddress.TryParse(host, out var ip) && ip.GetAddressBytes().Length == 16 ? $"[{host}]" : host)}:{port}");
    }
}
