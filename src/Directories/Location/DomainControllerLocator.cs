using DnsClient;
using DnsClient.Protocol;
using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Directories.Location;

/// <summary>Finds a forest's domain controllers: those of the options, or the SRV records that every controller registers
/// (MS-ADTS 6.3.2.3).</summary>
internal sealed class DomainControllerLocator(ForestOptions options)
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(2);

    /// <summary>More controllers than one domain has in one place; the rest are not used.</summary>
    private const int MaxControllers = 64;

    private int Port => options.LabOnlyPlainLdap ? DirectoryAddress.LdapPort : DirectoryAddress.LdapsPort;

    /// <summary>False: the addresses of the options never change.</summary>
    public bool AsksDns => options.DomainControllers.Count == 0;

    /// <summary>The addresses of the options.</summary>
    public IReadOnlyList<Located> Configured() =>
        [.. options.DomainControllers.Select(each => DirectoryAddress.TryParse(each, Port)!).Distinct().Select(each => new Located(each, new()))];

    /// <summary>Asks DNS: for all controllers of the domain, for those of the site, and which is the PDC emulator
    /// (MS-ADTS 6.3.2.3).</summary>
    /// <param name="site">The agent's site; empty if it is not known: then all are of one.</param>
    /// <exception cref="DirectoryFaultException">There is none.</exception>
    public async Task<IReadOnlyList<Located>> LocateAsync(string site, CancellationToken cancel)
    {
        var all = AskDnsAsync($"_ldap._tcp.dc._msdcs.{options.Name}", cancel);
        var pdc = AskDnsQuietlyAsync($"_ldap._tcp.pdc._msdcs.{options.Name}", cancel);
        var inSite = site.Length == 0
            ? Task.FromResult<IReadOnlyList<SrvRecord>>([])
            : AskDnsQuietlyAsync($"_ldap._tcp.{site}._sites.dc._msdcs.{options.Name}", cancel);
        return Usable(await all, HostsOf(await inSite), HostsOf(await pdc));
    }

    private static HashSet<string> HostsOf(IReadOnlyList<SrvRecord> records) => [.. records.Select(HostOf)];

    private static string HostOf(SrvRecord record) => record.Target.Value.TrimEnd('.').ToLowerInvariant();

    /// <summary>What only steers is done without if DNS does not say it.</summary>
    private static async Task<IReadOnlyList<SrvRecord>> AskDnsQuietlyAsync(string name, CancellationToken cancel)
    {
        try
        {
            return await AskDnsAsync(name, cancel);
        }
        catch (DirectoryFaultException)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<SrvRecord>> AskDnsAsync(string name, CancellationToken cancel)
    {
        // The system's name servers are read anew every time: they may have changed.
        var client = new LookupClient(new LookupClientOptions { Timeout = QueryTimeout, Retries = 1, UseCache = false });
        try
        {
            var reply = await client.QueryAsync(name, QueryType.SRV, cancellationToken: cancel);
            return reply.HasError && reply.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain
                ? throw new DirectoryFaultException($"no domain controller found: DNS says '{reply.ErrorMessage}' to SRV {name}")
                : [.. reply.Answers.SrvRecords()];
        }
        catch (DnsResponseException e)
        {
            var servers = string.Join(", ", client.NameServers.Select(each => each.Address));
            throw new DirectoryFaultException(
                $"no domain controller found: DNS ({servers}) did not answer SRV {name}: {e.Message}", e);
        }
    }

    private List<Located> Usable(IReadOnlyList<SrvRecord> records, HashSet<string> inSite, HashSet<string> pdc)
    {
        var own = "." + options.Name;
        // DNS is not authenticated: a controller is believed for its certificate, and only under the forest's own name,
        // so that a record cannot lead to another host that the same authority has certified.
        var addresses = records
            .Select(record => (Host: HostOf(record), record.Priority, record.Weight))
            .Where(each => each.Host.EndsWith(own, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(each => each.Host)
            .OrderBy(each => !inSite.Contains(each.Host)).ThenBy(each => each.Priority).ThenBy(each => each.Host, StringComparer.Ordinal)
            .Select(each => new Located(
                new DirectoryAddress(each.Host, Port),
                new Placement(each.Priority, each.Weight, inSite.Contains(each.Host), pdc.Contains(each.Host))))
            .Take(MaxControllers)
            .ToList();
        return addresses.Count > 0 ? addresses : throw new DirectoryFaultException(
            $"no domain controller found: DNS has no SRV record _ldap._tcp.dc._msdcs.{options.Name} with a host below "
            + $"{options.Name}; correct the forest's name or this machine's resolvers, or list DomainControllers");
    }
}

/// <summary>A controller that was found, and what was said of it.</summary>
internal sealed record Located(DirectoryAddress Address, Placement Placement);
