using DnsClient;
using DnsClient.Protocol;

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
    public IReadOnlyList<DirectoryAddress> Configured() =>
        [.. options.DomainControllers.Select(each => DirectoryAddress.TryParse(each, Port)!).Distinct()];

    /// <summary>Asks DNS.</summary>
    /// <exception cref="DirectoryFaultException">There is none.</exception>
    public async Task<IReadOnlyList<DirectoryAddress>> LocateAsync(CancellationToken cancel) =>
        Usable(await AskDnsAsync($"_ldap._tcp.dc._msdcs.{options.Name}", cancel));

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

    private List<DirectoryAddress> Usable(IReadOnlyList<SrvRecord> records)
    {
        var own = "." + options.Name;
        // DNS is not authenticated: a controller is believed for its certificate, and only under the forest's own name,
        // so that a record cannot lead to another host that the same authority has certified.
        var addresses = records
            .Select(record => (Host: record.Target.Value.TrimEnd('.').ToLowerInvariant(), record.Priority))
            .Where(each => each.Host.EndsWith(own, StringComparison.OrdinalIgnoreCase))
            .Select(each => new DirectoryAddress(each.Host, Port, each.Priority))
            .DistinctBy(each => each.Host)
            .OrderBy(each => each.Priority).ThenBy(each => each.Host, StringComparer.Ordinal)
            .Take(MaxControllers)
            .ToList();
        return addresses.Count > 0 ? addresses : throw new DirectoryFaultException(
            $"no domain controller found: DNS has no SRV record _ldap._tcp.dc._msdcs.{options.Name} with a host below "
            + $"{options.Name}; correct the forest's name or this machine's resolvers, or list DomainControllers");
    }
}
