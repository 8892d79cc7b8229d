using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>What docs/INSTALL.md says, with the published programs, on a machine of the test's own: this one under an overlay, in mounts of its
/// own. No systemd is at work there, so each service is started as its unit says.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class InstallTests : IAsyncLifetime
{
    /// <summary>Holds the mounts; its root is the machine's.</summary>
    private const string Machine = """
        mount -t tmpfs tmpfs "$1/root" && cd "$1/root" && mkdir upper work machine
        mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work machine
        cp -L /etc/resolv.conf /etc/hosts machine/etc/
        for each in proc sys dev tmp; do mount --rbind "/$each" "machine/$each"; done
        exec chroot machine sh -c 'echo up; exec sleep infinity'
        """;

    /// <summary>What ProtectSystem=strict, StateDirectory= and RuntimeDirectory= make; then the service's user, without any privilege.</summary>
    private const string AsService = """
        service=$1; shift
        install -d -o "$service" -g "$service" -m 700 "/run/$service"
        for each in "/var/lib/$service" "/run/$service"; do mount --bind "$each" "$each"; done
        mount -o remount,bind,ro /
        umask 077
        exec setpriv --reuid="$service" --regid="$service" --clear-groups --no-new-privs --bounding-set=-all "$@"
        """;

    private static readonly string Page = File.ReadAllText(Path.Combine(Installation.RepositoryRoot, "docs", "INSTALL.md"));
    private static readonly int Port = PortRange.Mine;

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("passthrough-install-");
    private readonly Dictionary<string, string> _environment = [];
    private ServiceProcess _machine = null!;

    public async Task InitializeAsync()
    {
        _home.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.GroupExecute;
        Directory.CreateDirectory(PathOf("root"));
        foreach (var (project, app) in (ValueTuple<string, string>[])[("Agent", "agent"), ("OperatorConsole", "agent"), ("Gateway", "gateway")])
        {
            await ServiceProcess.RunAsync(
                _environment, "dotnet", "publish", Path.Combine(Installation.RepositoryRoot, "src", project), "-c", Configuration, "--no-build", "-o", PathOf(app));
        }

        _machine = ServiceProcess.Start(PathOf("machine.log"), _environment, "unshare", "--mount", "bash", "-euc", Machine, "machine", _home.FullName);
        await Eventually.TrueAsync("the machine is up", TimeSpan.FromSeconds(30), () => Task.FromResult(_machine.Log().Contains("up", StringComparison.Ordinal)));
    }

    public async Task DisposeAsync()
    {
        await _machine.DisposeAsync();
        _home.Delete(recursive: true);
    }

    [Fact]
    public async Task Gateway_and_agent_are_installed_say_that_they_are_ready_and_alive_and_are_taken_off_again()
    {
        await WriteInputsAsync();
        var printed = await DocumentedAsync("ops/install/install gateway ");
        Assert.Contains("/opt/passthrough-gateway holds passthrough-gateway ", printed, StringComparison.Ordinal);
        await using var gatewaySocket = new NotifySocket(PathOf("notify-gateway"));
        await using var gateway = Start("gateway", gatewaySocket);
        await gatewaySocket.HearsAsync("READY=1", gateway);
        await gatewaySocket.HearsAsync("WATCHDOG=1", gateway);

        await DocumentedAsync("passthrough-gateway tenant create ");
        _environment["PASSTHROUGH_AGENT_TOKEN"] = Regex.Match(await DocumentedAsync("passthrough-gateway token create "), @"ptj1\.\S+").Value;
        _environment["PASSTHROUGH_AGENT_GATEWAY"] = $"https://gateway.cloud.example:{Port + 1}";
        Assert.Contains("Enrolled as agent", await DocumentedAsync("ops/install/install agent "), StringComparison.Ordinal);
        await using var agentSocket = new NotifySocket(PathOf("notify-agent"));
        await using var agent = Start("agent", agentSocket);
        await agentSocket.HearsAsync("READY=1", agent);
        await agentSocket.HearsAsync("WATCHDOG=1", agent);
        await agentSocket.HearsAsync("WATCHDOG=1", agent);
        Assert.Contains("| up | reachable |", await DocumentedAsync("pbm cluster show"), StringComparison.Ordinal);

        await FilesAreAsTheyShouldBeAsync();
        await UnitsAreSoundAsync();
        var before = await FilesAsync();
        printed = await DocumentedAsync("ops/install/install agent ");
        Assert.Contains("PTA-017", printed, StringComparison.Ordinal);
        Assert.DoesNotContain(" holds ", printed, StringComparison.Ordinal);
        Assert.Equal(before, await FilesAsync());

        await StopsAsync(agent, agentSocket);
        await StopsAsync(gateway, gatewaySocket);
        await UpgradeAndRemoveAsync();
    }

    private async Task UpgradeAndRemoveAsync()
    {
        await File.WriteAllTextAsync(PathOf("agent/new"), "of a newer release");
        Assert.Contains("/opt/passthrough-agent holds", await DocumentedAsync("ops/install/install agent "), StringComparison.Ordinal);
        await InAsync("test", "-f", "/opt/passthrough-agent/new");

        await DocumentedAsync("ops/install/install --remove agent");
        await InAsync("test", "-f", "/var/lib/passthrough-agent/enrolment.json");
        await DocumentedAsync("ops/install/install --remove agent --purge");
        await ShellAsync("ops/install/install --remove gateway --purge");
        Assert.Equal("", await InAsync("find", "/etc", "/opt", "/usr/local", "/var/lib", "-name", "passthrough-agent*", "-o", "-name", "passthrough-gateway*", "-o", "-name", "pbm"));
        Assert.DoesNotContain("passthrough", await InAsync("cat", "/etc/passwd", "/etc/group", "/etc/shadow"), StringComparison.Ordinal);
    }

    private async Task FilesAreAsTheyShouldBeAsync()
    {
        const string expected = """
            /etc/passthrough-agent root:passthrough-agent 750
            /etc/passthrough-agent/agent.json root:passthrough-agent 640
            /etc/passthrough-agent/corp.password passthrough-agent:passthrough-agent 600
            /var/lib/passthrough-agent passthrough-agent:passthrough-agent 700
            /opt/passthrough-agent root:root 755
            /usr/local/bin/passthrough-agent root:root 755
            /etc/passthrough-gateway/gateway.json root:passthrough-gateway 640
            /var/lib/passthrough-gateway passthrough-gateway:passthrough-gateway 700

            """;
        Assert.Equal(expected, await InAsync(["stat", "-c", "%n %U:%G %a", .. expected.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])]));
        // Also what root's commands have written there.
        foreach (var service in (string[])["passthrough-agent", "passthrough-gateway"])
        {
            Assert.Equal("", await InAsync("find", $"/var/lib/{service}", "!", "-user", service));
            Assert.Equal("", await InAsync("find", $"/var/lib/{service}", "-perm", "/077"));
        }
    }

    private async Task UnitsAreSoundAsync()
    {
        foreach (var service in (string[])["passthrough-agent", "passthrough-gateway"])
        {
            Assert.Equal("", await InAsync("systemd-analyze", "verify", "--man=no", $"/etc/systemd/system/{service}.service"));
            // 1.2 of 10; what is left is that it has a network, and a compiler.
            await InAsync("systemd-analyze", "security", "--offline=true", "--threshold=13", "--no-pager", $"/etc/systemd/system/{service}.service");
            await InAsync("test", "-L", $"/etc/systemd/system/multi-user.target.wants/{service}.service");
        }
    }

    /// <summary>As its unit says, but watched more closely.</summary>
    private ServiceProcess Start(string name, NotifySocket socket)
    {
        var unit = File.ReadAllLines(Path.Combine(Installation.RepositoryRoot, "ops", "install", $"passthrough-{name}.service"));
        string Of(string key) => unit.Single(line => line.StartsWith($"{key}=", StringComparison.Ordinal))[(key.Length + 1)..];
        string[] network = name == "gateway" ? ["ip", "netns", "exec", LabPeople.Variable("LAB_CLOUD_NAMESPACE")] : [];
        return ServiceProcess.Start(
            PathOf($"{name}.log"), _environment,
            [
                .. network, .. Enter, "unshare", "--mount", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", .. Of("Environment").Split(' '),
                $"NOTIFY_SOCKET={socket.Path}", "WATCHDOG_USEC=3000000", "bash", "-euc", AsService, "service", Of("User"), .. Of("ExecStart").Split(' '),
            ]);
    }

    private static async Task StopsAsync(ServiceProcess service, NotifySocket socket)
    {
        Assert.Equal(0, await service.TerminateAsync());
        await socket.HearsAsync("STOPPING=1", service);
    }

    private async Task WriteInputsAsync()
    {
        await File.WriteAllTextAsync(PathOf("gateway.json"), JsonSerializer.Serialize(new
        {
            Names = (string[])["gateway.cloud.example"],
            Listen = new { Address = LabPeople.Variable("LAB_GATEWAY_ADDRESS"), PagePort = Port, EnrolmentPort = Port + 1, StreamPort = Port + 2 },
        }));
        await File.WriteAllTextAsync(PathOf("agent.json"), JsonSerializer.Serialize(new
        {
            Cluster = new { Port = Port + 5 },
            Forests = (object[])[new
            {
                Name = "corp.example",
                ServiceAccount = "svc-ldap@corp.example",
                ServiceAccountPasswordFile = "/etc/passthrough-agent/corp.password",
                TrustedCaFile = "/etc/passthrough-agent/corp-ca.pem",
            }],
        }));
        await File.WriteAllTextAsync(PathOf("corp.password"), LabPeople.Of("corp.example", "svc-ldap").Password);
        File.Copy(LabPeople.Variable("LAB_CA"), PathOf("corp-ca.pem"));
    }

    /// <summary>A line of the page, which begins so.</summary>
    private Task<string> DocumentedAsync(string start) =>
        ShellAsync(Regex.Match(Page, $"^(?:sudo (?:--preserve-env )?)?({Regex.Escape(start)}.*)$", RegexOptions.Multiline) is { Success: true } line
            ? line.Groups[1].Value
            : throw new InvalidOperationException($"docs/INSTALL.md has no line that begins with {start}"));

    /// <summary>Where the inputs are; the programs are those that were published above.</summary>
    private Task<string> ShellAsync(string command)
    {
        var line = command.StartsWith("ops/", StringComparison.Ordinal) ? $"{Installation.RepositoryRoot}/{command}" : command;
        var app = Regex.Match(line, "ops/install/install (agent|gateway)") is { Success: true } which ? $" --app {_home.FullName}/{which.Groups[1].Value}" : "";
        return InAsync("sh", "-ec", $"cd {_home.FullName}; {line}{app} 2>&1");
    }

    private Task<string> FilesAsync() => InAsync(
        "find", "/etc/passthrough-agent", "/etc/systemd/system/passthrough-agent.service", "/opt/passthrough-agent", "/usr/local/bin", "-printf", "%p %i %u %m %T@\\n");

    private string[] Enter => ["nsenter", "--target", $"{_machine.Id}", "--mount", "--root", "--wd"];

    private Task<string> InAsync(params string[] command) => ServiceProcess.RunAsync(_environment, [.. Enter, .. command]);

    private string PathOf(string name) => Path.Combine(_home.FullName, name);

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    /// <summary>As systemd makes one for a service, and is always read: few messages find room in it.</summary>
    private sealed class NotifySocket : IAsyncDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
        private readonly CancellationTokenSource _end = new();
        private readonly Task _reading;

        public NotifySocket(string path)
        {
            Path = path;
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherWrite);
            _reading = ReadAsync();
        }

        public string Path { get; }

        /// <summary>That, and nothing but pings before it.</summary>
        public async Task HearsAsync(string what, ServiceProcess from)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            string heard;
            do
            {
                try
                {
                    heard = await _heard.Reader.ReadAsync(patience.Token);
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"{what} was not heard: {from.Log()}");
                }
            }
            while (heard != what && heard == "WATCHDOG=1");

            Assert.Equal(what, heard);
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _reading.ContinueWith(_ => { }, TaskScheduler.Default);
            _end.Dispose();
            _socket.Dispose();
        }

        private async Task ReadAsync()
        {
            var buffer = new byte[256];
            while (true)
            {
                _heard.Writer.TryWrite(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, _end.Token)));
            }
        }
    }
}
