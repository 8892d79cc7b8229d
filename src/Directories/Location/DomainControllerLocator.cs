using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Accounts;

namespace Passthrough.Directories.Location;

/// <summary>Finds controllers by the SRV records that every one registers (MS-ADTS 6.3.2.3).</summary>
/// <param name="nameServer">Null: the system's.</param>
internal sealed class DomainControllerLocator(ForestOptions options, IPEndPoint? nameServer = null)
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(2);

    /// <summary>An agent's share of a domain with very many is its own.</summary>
    private readonly ulong _agent = (ulong)Random.Shared.NextInt64();

    /// <summary>The addresses of the options, for the forest's root domain.</summary>
    public static IReadOnlyList<Located> Configured(ForestOptions options) =>
        [.. options.DomainControllers.Select(each => DirectoryAddress.TryParse(each, DirectoryAddress.PortOf(false, options.LabOnlyPlainLdap))!)
            .Distinct().Select(each => new Located(each, new()))];

    /// <summary>Asks DNS: for all controllers of the scope, for those of the site, which is the PDC emulator, and, for the root
    /// domain, which are global catalogs.</summary>
    /// <param name="names">Those of the forest, to which every host must belong.</param>
    /// <param name="site">The agent's site; empty if it is not known: then all are of one.</param>
    /// <exception cref="DirectoryFaultException">There is none.</exception>
    public async Task<IReadOnlyList<Located>> LocateAsync(ControllerScope scope, AcceptedNames names, string site, CancellationToken cancel)
    {
        var all = AskDnsAsync($"_ldap._tcp.{scope.Zone}", cancel);
        var inSite = site.Length == 0 ? None : AskDnsQuietlyAsync($"_ldap._tcp.{site}._sites.{scope.Zone}", cancel);
        var pdc = AskDnsQuietlyAsync($"_ldap._tcp.pdc._msdcs.{scope.Domain}", cancel);
        // Of a child domain it is not asked: the answer is the whole forest's, and may be large.
        var catalogs = scope.IsGlobalCatalog ? all
            : scope.Domain != options.Name ? None
            : AskDnsQuietlyAsync($"_ldap._tcp.gc._msdcs.{options.Name}", cancel);
        return Usable(scope, names, await all, HostsOf(await inSite), HostsOf(await pdc), HostsOf(await catalogs));
    }

    private static Task<IReadOnlyList<SrvRecord>> None => Task.FromResult<IReadOnlyList<SrvRecord>>([]);

    private static HashSet<string> HostsOf(IReadOnlyList<SrvRecord> records) => [.. records.Select(HostOf)];

    private static string HostOf(SrvRecord record) => record.Target.Value.TrimEnd('.').ToLowerInvariant();

    /// <summary>What only steers is done without if DNS does not say it.</summary>
    private async Task<IReadOnlyList<SrvRecord>> AskDnsQuietlyAsync(string name, CancellationToken cancel)
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

    private async Task<IReadOnlyList<SrvRecord>> AskDnsAsync(string name, CancellationToken cancel)
    {
        // The system's name servers are read anew every time: they may have changed.
        var asked = nameServer is null ? new LookupClientOptions() : new LookupClientOptions(nameServer);
        (asked.Timeout, asked.Retries, asked.UseCache) = (QueryTimeout, 1, false);
        var client = new LookupClient(asked);
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

    private List<Located> Usable(
        ControllerScope scope, AcceptedNames names, IReadOnlyList<SrvRecord> records,
        HashSet<string> inSite, HashSet<string> pdc, HashSet<string> catalogs)
    {
        // DNS is not authenticated: a controller is believed for its certificate, and only under its own domain's name, so that
        // a record cannot lead to another host that the same authority has certified.
        var all = records
            .Select(record => (Host: HostOf(record), record.Priority, record.Weight))
            .Where(each => scope.IsGlobalCatalog
                ? names.DomainOfHost(each.Host) is not null
                : scope.Domain.Equals(names.DomainOfHost(each.Host), StringComparison.OrdinalIgnoreCase))
            .DistinctBy(each => each.Host)
            .Select(each => new Located(
                new DirectoryAddress(each.Host, DirectoryAddress.PortOf(scope.IsGlobalCatalog, options.LabOnlyPlainLdap)),
                new Placement(each.Priority, each.Weight, inSite.Contains(each.Host), pdc.Contains(each.Host)),
                catalogs.Contains(each.Host)))
            .ToList();
        return all.Count > 0
            ? [.. DomainControllerShortlist.Choose(all, each => (each.Address.Host, each.Placement), _agent)
                .OrderBy(each => !each.Placement.IsInSite).ThenBy(each => each.Placement.Priority).ThenBy(each => each.Address.Host, StringComparer.Ordinal)]
            : throw new DirectoryFaultException(
                $"no domain controller found: DNS has no SRV record _ldap._tcp.{scope.Zone} with a host below "
                + $"{scope.Domain}; correct the forest's name or this machine's resolvers, or list DomainControllers");
    }
}

/// <summary>A controller that was found, and what was said of it.</summary>
/// <param name="IsGlobalCatalog">It has all accounts of the forest, besides its domain's. Not known of child domains' controllers.</param>
internal sealed record Located(DirectoryAddress Address, Placement Placement, bool IsGlobalCatalog = false);

/// <summary>Which controllers are meant: those of one domain, or the global catalogs of a forest.</summary>
/// <param name="Domain">DNS name of the domain; of the root domain for global catalogs.</param>
internal sealed record ControllerScope(string Domain, bool IsGlobalCatalog = false)
{
    /// <summary>Under which DNS has them.</summary>
    public string Zone => $"{(IsGlobalCatalog ? "gc" : "dc")}._msdcs.{Domain}";

    /// <summary>The distinguished name under which their accounts lie; empty: everything that they have.</summary>
    public string BaseName => IsGlobalCatalog ? "" : AccountQuery.BaseOf(Domain);

    public override string ToString() => IsGlobalCatalog ? $"{Domain} (global catalogs)" : Domain;
}
