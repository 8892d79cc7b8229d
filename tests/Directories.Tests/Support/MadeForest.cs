using System.Text;

namespace Passthrough.Directories.Tests.Support;

/// <summary>A large forest that does not exist: what its root domain's controller says of its names, and what DNS says of its
/// controllers. Half of each domain's controllers are in site Berlin; all are global catalogs.</summary>
internal sealed class MadeForest
{
    public const string Name = "corp.example", Site = "Berlin";

    private const string Partitions = "CN=Partitions,CN=Configuration,DC=corp,DC=example", Trusts = "CN=System,DC=corp,DC=example";

    public MadeForest(int domains = 200, int suffixes = 500, int controllers = 1_000)
    {
        Domains = [Name, .. Enumerable.Range(1, domains - 1).Select(number => $"d{number}.{Name}")];
        Suffixes = [.. Enumerable.Range(0, suffixes).Select(number => $"brand-{number}.example")];
        Controllers = controllers;
        Records = MakeRecords();
    }

    public string[] Domains { get; }

    public string[] Suffixes { get; }

    public int Controllers { get; }

    public IReadOnlyDictionary<string, SrvAnswer[]> Records { get; }

    public static string NetBiosNameOf(string domain) => domain == Name ? "CORP" : domain[..domain.IndexOf('.', StringComparison.Ordinal)].ToUpperInvariant();

    /// <summary>The controllers of a domain.</summary>
    public string[] HostsOf(string domain) =>
        [.. Enumerable.Range(1, Controllers / Domains.Length).Select(number => $"dc{number}.{domain}")];

    /// <summary>For a <see cref="ScriptedServer"/>.</summary>
    public byte[]? Answer(Question question) => question.Operation != Question.Search ? null : question.ReadBase() switch
    {
        Partitions => [.. Container(question.Id), .. Domains.SelectMany(domain => CrossRef(question.Id, domain, 3)),
            .. CrossRef(question.Id, $"DomainDnsZones.{Name}", 5), .. Answers.Done(question.Id)],
        Trusts => [.. Enumerable.Range(0, 20).SelectMany(number => Trust(question.Id, number)), .. Answers.Done(question.Id)],
        _ => null,
    };

    private byte[] Container(int id) => Answers.Entry(
        id, Partitions, ("uPNSuffixes", [.. Suffixes.Select(Encoding.UTF8.GetBytes)]));

    private static byte[] CrossRef(int id, string domain, int flags) => Answers.Entry(
        id, $"CN={NetBiosNameOf(domain)},{Partitions}", ("dnsRoot", [Encoding.UTF8.GetBytes(domain)]),
        ("nETBIOSName", [Encoding.UTF8.GetBytes(NetBiosNameOf(domain))]), ("systemFlags", [Encoding.UTF8.GetBytes($"{flags}")]));

    private static byte[] Trust(int id, int number) => Answers.Entry(
        id, $"CN=partner-{number}.test,{Trusts}", ("trustPartner", [Encoding.UTF8.GetBytes($"partner-{number}.test")]),
        ("flatName", [Encoding.UTF8.GetBytes($"PARTNER{number}")]), ("trustType", ["2"u8.ToArray()]), ("trustDirection", ["3"u8.ToArray()]),
        ("trustAttributes", ["8"u8.ToArray()]));

    private Dictionary<string, SrvAnswer[]> MakeRecords()
    {
        Dictionary<string, SrvAnswer[]> records = [];
        foreach (var domain in Domains)
        {
            var hosts = HostsOf(domain);
            records[$"_ldap._tcp.dc._msdcs.{domain}"] = Srv(hosts, 389);
            records[$"_ldap._tcp.{Site}._sites.dc._msdcs.{domain}".ToLowerInvariant()] = Srv(hosts[..(hosts.Length / 2)], 389);
            records[$"_ldap._tcp.pdc._msdcs.{domain}"] = Srv(hosts[^1..], 389);
        }

        var all = Domains.SelectMany(HostsOf).ToArray();
        records[$"_ldap._tcp.gc._msdcs.{Name}"] = Srv(all, 3268);
        records[$"_ldap._tcp.{Site}._sites.gc._msdcs.{Name}".ToLowerInvariant()] = Srv([.. Domains.Select(domain => HostsOf(domain)[0])], 3268);
        return records;

        static SrvAnswer[] Srv(string[] hosts, int port) => [.. hosts.Select(host => new SrvAnswer(host, Port: port))];
    }
}
