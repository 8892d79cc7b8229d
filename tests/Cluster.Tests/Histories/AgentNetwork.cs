using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>A network namespace for each agent, on a bridge in the namespace that the tests run in, where the gateway and the relays are.
/// Connections between two ends are cut in one direction by a wrong address of the receiver's cable at the sender: packets leave, and nobody
/// takes them, as on a network that loses them. Gone afterwards; those of a test process that was killed go when the next one
/// begins.</summary>
internal sealed class AgentNetwork : IAsyncDisposable
{
    /// <summary>Of so many packets one is lost where a network is lossy.</summary>
    private const int LostOf = 5;

    private const string Prefix = "ptf", Nowhere = "02:00:00:00:00:ff";

    private readonly string _name = $"{Prefix}{Environment.ProcessId}";
    private readonly string _net = $"10.79.{Environment.ProcessId % 250}";
    private readonly int _agents;

    private AgentNetwork(int agents) => _agents = agents;

    /// <summary>What agents dial: the relays to the gateway and to the directory.</summary>
    public string Relays => $"{_net}.1";

    /// <summary>Reached through relays and by the tests only.</summary>
    public string Gateway => $"{_net}.2";

    public static async Task<AgentNetwork> MakeAsync(int agents)
    {
        var network = new AgentNetwork(agents);
        await RemoveAsync(string.Join(' ', LeftBehind()));
        try
        {
            await network.BuildAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public string AddressOf(int agent) => $"{_net}.{11 + agent}";

    /// <summary>A command, to be run in the agent's namespace.</summary>
    public string[] In(int agent, params string[] command) => ["ip", "netns", "exec", NamespaceOf(agent), .. command];

    /// <summary>What one agent sends to another no longer arrives, or does again.</summary>
    public Task CutAsync(IEnumerable<(int From, int To)> ways, bool isCut) => ShellAsync(string.Join('\n', ways.Select(way =>
        $"ip -n {NamespaceOf(way.From)} neigh replace {AddressOf(way.To)} lladdr {(isCut ? Nowhere : CableOf(way.To))} dev eth0 nud permanent")));

    /// <summary>The same between an agent and the relays, both ways.</summary>
    public Task CutRelaysAsync(int agent, bool isCut) => ShellAsync(
        $"""
        ip -n {NamespaceOf(agent)} neigh replace {Relays} lladdr {(isCut ? Nowhere : CableOfRelays)} dev eth0 nud permanent
        ip neigh replace {AddressOf(agent)} lladdr {(isCut ? Nowhere : CableOf(agent))} dev {_name} nud permanent
        """);

    /// <summary>Whoever receives it, agent or bridge, takes one packet of <see cref="LostOf"/> for lost, at random, or none again.</summary>
    public Task LoseAsync(int agent, bool isLossy)
    {
        var (inside, outside) = ($"ip netns exec {NamespaceOf(agent)} nft", "nft");
        return ShellAsync(string.Join('\n', new[] { (Nft: inside, Cable: "eth0"), (Nft: outside, Cable: PortOf(agent)) }.Select(end => isLossy
            ? $"{end.Nft} 'table netdev {PortOf(agent)} {{ chain lossy {{ type filter hook ingress device {end.Cable} priority 0; numgen random mod {LostOf} 0 drop; }}; }}'"
            : $"{end.Nft} delete table netdev {PortOf(agent)}")));
    }

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync(string.Join(' ', Enumerable.Range(0, _agents).Select(NamespaceOf)));
        await ShellAsync($"! ip link show {_name} >/dev/null 2>&1 || ip link delete {_name}");
    }

    private const string CableOfRelays = "02:00:00:00:00:01";

    private static string CableOf(int agent) => $"02:00:00:00:01:{agent:x2}";

    private string NamespaceOf(int agent) => $"{_name}-{agent + 1}";

    /// <summary>The bridge's end of its cable.</summary>
    private string PortOf(int agent) => $"{_name}p{agent + 1}";

    private async Task BuildAsync()
    {
        // Addresses of cables are told, not asked for: who is asked could be cut off.
        var agents = Enumerable.Range(0, _agents).ToList();
        await ShellAsync(
            $"""
            ip link add {_name} address {CableOfRelays} type bridge
            ip address add {Relays}/24 dev {_name}
            ip address add {Gateway}/24 dev {_name}
            ip link set {_name} up
            """);
        foreach (var agent in agents)
        {
            var (space, port) = (NamespaceOf(agent), PortOf(agent));
            await ShellAsync(
                $"""
                ip netns add {space}
                mkdir -p /etc/netns/{space}
                printf '127.0.0.1 localhost\n' >/etc/netns/{space}/hosts
                printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >/etc/netns/{space}/resolv.conf
                ip link add {port} type veth peer name eth0 netns {space}
                ip link set {port} master {_name} up
                ip -n {space} link set lo up
                ip -n {space} link set eth0 address {CableOf(agent)}
                ip -n {space} address add {AddressOf(agent)}/24 dev eth0
                ip -n {space} link set eth0 up
                """);
        }

        foreach (var agent in agents)
        {
            await CutRelaysAsync(agent, isCut: false);
            await CutAsync(agents.Where(other => other != agent).Select(other => (agent, other)), isCut: false);
        }
    }

    /// <summary>Namespaces of test processes that are no more.</summary>
    private static IEnumerable<string> LeftBehind() =>
        !Directory.Exists("/run/netns") ? [] : Directory.GetFiles("/run/netns", $"{Prefix}*").Select(path => Path.GetFileName(path)!).Where(name =>
            int.TryParse(name[Prefix.Length..].Split('-')[0], out var process) && !Directory.Exists($"/proc/{process}"));

    private static Task<string> RemoveAsync(string namespaces) => ShellAsync(
        $"""
        for space in {namespaces}; do
            if [ -e /run/netns/$space ]; then
                ip netns pids $space | xargs -r kill -KILL
                ip netns delete $space
            fi
            rm -rf /etc/netns/$space
        done
        """);

    private static Task<string> ShellAsync(string script) =>
        ServiceProcess.RunAsync(new Dictionary<string, string>(), "bash", "-ec", script);
}
