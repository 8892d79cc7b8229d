using System.Net;
using Passthrough.Gateway.SignIn;

namespace Passthrough.Gateway.Hosting;

/// <summary>The ranges of <see cref="GatewayOptions"/>. Names every fault at once.</summary>
internal static class GatewayOptionsValidator
{
    private const int MaxNames = 100;
    private const int MaxStreamAddresses = 16;

    public static IEnumerable<string> Faults(GatewayOptions options) =>
    [
        .. SiteFaults(options), .. ListenFaults(options.Listen), .. PageFaults(options.Page), .. AgentFaults(options.Agents),
        .. SignInOptionsValidator.Faults(options.SignIn),
        .. options.Monitoring.Faults().Select(fault => $"{nameof(options.Monitoring)}:{fault}"),
        .. options.Audit.Faults().Select(fault => $"{nameof(options.Audit)}:{fault}"),
    ];

    private static IEnumerable<string> SiteFaults(GatewayOptions options)
    {
        if (!Path.IsPathFullyQualified(options.StateDirectory))
        {
            yield return $"StateDirectory is '{options.StateDirectory}': must be an absolute path";
        }

        if (options.Names.Count > MaxNames)
        {
            yield return $"Names has {options.Names.Count} entries: at most {MaxNames}";
        }

        foreach (var name in options.Names.Where(name => Uri.CheckHostName(name) == UriHostNameType.Unknown))
        {
            yield return $"Names has '{name}': must be a DNS name or an IP address";
        }
    }

    private static IEnumerable<string> ListenFaults(ListenerOptions listen)
    {
        if (listen.Address.Length > 0 && !IPAddress.TryParse(listen.Address, out _))
        {
            yield return $"Listen:Address is '{listen.Address}': must be an IP address, or empty for all";
        }

        var ports = new (string Key, int Port)[]
        {
            ("PagePort", listen.PagePort), ("EnrolmentPort", listen.EnrolmentPort), ("StreamPort", listen.StreamPort),
        };
        foreach (var (key, port) in ports.Where(p => p.Port is < 0 or > 65_535))
        {
            yield return $"Listen:{key} is {port}: must be 0 to 65535";
        }

        foreach (var same in ports.Where(p => p.Port != 0).GroupBy(p => p.Port).Where(g => g.Count() > 1))
        {
            yield return $"Listen has port {same.Key} for {string.Join(" and ", same.Select(p => p.Key))}: each needs its own";
        }
    }

    private static IEnumerable<string> PageFaults(PageOptions page)
    {
        if ((page.CertificateFile.Length == 0) != (page.PrivateKeyFile.Length == 0))
        {
            yield return "Page:CertificateFile and Page:PrivateKeyFile belong together: give both or none";
        }

        foreach (var file in new[] { page.CertificateFile, page.PrivateKeyFile }.Where(f => f.Length > 0 && !File.Exists(f)))
        {
            yield return $"Page names the file '{file}', which is not there";
        }
    }

    private static IEnumerable<string> AgentFaults(AgentsOptions agents)
    {
        if (agents.StreamAddresses.Count > MaxStreamAddresses)
        {
            yield return $"Agents:StreamAddresses has {agents.StreamAddresses.Count} entries: at most {MaxStreamAddresses}";
        }

        foreach (var address in agents.StreamAddresses.Where(a =>
            !Uri.TryCreate(a, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.PathAndQuery != "/"))
        {
            yield return $"Agents:StreamAddresses has '{address}': must be https://host:port";
        }

        var ranges = new (string Key, TimeSpan Value, TimeSpan Least, TimeSpan Most)[]
        {
            ("CertificateLifetime", agents.CertificateLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromDays(30)),
            ("VerdictTimeout", agents.VerdictTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(25)),
            ("CapacityWait", agents.CapacityWait, TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            ("HeartbeatInterval", agents.HeartbeatInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
            ("SuspectAfter", agents.SuspectAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
        };
        foreach (var (key, value, least, most) in ranges.Where(r => r.Value < r.Least || r.Value > r.Most))
        {
            yield return $"Agents:{key} is {value}: must be {least} to {most}";
        }
    }
}
