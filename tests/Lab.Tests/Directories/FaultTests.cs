using System.Diagnostics;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>A domain controller that is frozen, killed, unplugged or answers garbage: every attempt ends by its deadline with
/// the right verdict, and nothing stays behind.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class FaultTests : IDisposable
{
    private const string Forest = "corp.example", Right = "Passw0rd-1234";
    private const int Attempts = 24;

    /// <summary>What an attempt has, and what a busy machine may take to notice that it is over.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8), Slack = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_frozen_controller_keeps_no_attempt_no_connection_and_no_thread()
    {
        await using var directory = Open(DirectoryLab.Dc1);
        var account = await WarmAsync(directory);
        await using (await Fault.FrozenAsync("dc1"))
        {
            var threads = Process.GetCurrentProcess().Threads.Count;
            var replies = await BindManyAsync(directory, account);
            Assert.Contains(replies, each => each is { Verdict: Verdict.DirectoryTimeoutAfterSend, MayHaveBeenSent: true });
            Assert.All(replies, each => Assert.True(IsTimeout(each), $"{each}"));
            Assert.Equal(new LookupReply.NoVerdict(Verdict.DirectoryTimeout), await FindAsync(directory, "alice@corp.example"));
            await LeavesNothingAsync(DirectoryLab.Dc1);
            Assert.InRange(Process.GetCurrentProcess().Threads.Count, 1, threads + Attempts / 2);
            Assert.False(directory.IsReachable);
        }

        await RecoversAsync(directory);
    }

    [Fact]
    public async Task While_one_controller_is_frozen_the_other_serves_everybody()
    {
        // What the healthy one needs on a busy machine is not the question here.
        var options = _lab.Options(Forest, DirectoryLab.Dc1, DirectoryLab.Dc2);
        options.SearchTimeout = TimeSpan.FromSeconds(5);
        await using var directory = DirectoryLab.Open(options);
        await WarmAsync(directory);
        await using (await Fault.FrozenAsync("dc1"))
        {
            var verdicts = await Task.WhenAll(Enumerable.Range(0, Attempts).Select(each => SignInAsync(directory, $"load{each:0000}@corp.example")));
            Assert.All(verdicts, each => Assert.Equal((Verdict.Success, DirectoryLab.Dc2), (each.Verdict, each.DomainController)));
            Assert.True(directory.IsReachable);
        }
    }

    [Fact]
    public async Task A_killed_controller_gives_no_verdict_and_its_dead_connections_are_replaced()
    {
        await using var directory = Open(DirectoryLab.Dc1);
        var account = await WarmAsync(directory);
        await using (await Fault.KilledAsync("dc1"))
        {
            await LeavesNothingAsync(DirectoryLab.Dc1);
            var replies = await BindManyAsync(directory, account);
            Assert.All(replies, each => Assert.Equal((Verdict.NoDomainController, false), (each.Verdict, each.MayHaveBeenSent)));
            Assert.Equal(new LookupReply.NoVerdict(Verdict.NoDomainController), await FindAsync(directory, "alice@corp.example"));
        }

        await RecoversAsync(directory);
    }

    [Fact]
    public async Task A_controller_that_is_killed_under_way_loses_no_attempt()
    {
        await using var directory = Open(DirectoryLab.Dc1);
        var account = await WarmAsync(directory);
        var binds = Enumerable.Range(0, 10 * Attempts).Select(_ => BindAsync(directory, account)).ToList();
        await using (await Fault.KilledAsync("dc1"))
        {
            foreach (var reply in await Task.WhenAll(binds))
            {
                Assert.True(
                    reply is { Verdict: Verdict.Success or Verdict.DirectoryTimeoutAfterSend, MayHaveBeenSent: true }
                        or { Verdict: Verdict.NoDomainController or Verdict.DirectoryTimeout or Verdict.TlsFailure, MayHaveBeenSent: false },
                    $"{reply}");
            }

            await LeavesNothingAsync(DirectoryLab.Dc1);
        }
    }

    [Fact]
    public async Task An_unplugged_controller_keeps_no_attempt_and_no_connection()
    {
        await using var directory = Open(DirectoryLab.Dc1);
        var account = await WarmAsync(directory);
        await using (await Fault.UnpluggedAsync("dc1"))
        {
            var replies = await BindManyAsync(directory, account);
            Assert.Contains(replies, each => each is { Verdict: Verdict.DirectoryTimeoutAfterSend, MayHaveBeenSent: true });
            Assert.All(replies, each => Assert.True(
                IsTimeout(each) || each is { Verdict: Verdict.NoDomainController, MayHaveBeenSent: false }, $"{each}"));
            var found = Assert.IsType<LookupReply.NoVerdict>(await FindAsync(directory, "alice@corp.example"));
            Assert.True(found.Why is Verdict.DirectoryTimeout or Verdict.NoDomainController, $"{found}");
            await LeavesNothingAsync(DirectoryLab.Dc1);
        }

        await RecoversAsync(directory);
    }

    [Theory]
    [InlineData(true, Verdict.NoDomainController), InlineData(false, Verdict.TlsFailure)]
    public async Task A_controller_that_answers_garbage_gives_no_verdict(bool withTls, Verdict verdict)
    {
        await using var directory = Open(DirectoryLab.Dc1);
        var account = await WarmAsync(directory);
        await using (await Fault.KilledAsync("dc1"))
        {
            // What is written to a connection that nobody has noticed to be dead may have been sent.
            await LeavesNothingAsync(DirectoryLab.Dc1);
            await using (GarbageInPlaceOf("dc1", withTls))
            {
                await Eventually.TrueAsync("garbage is served", Patience, () => IsListeningAsync(DirectoryLab.Dc1));
                foreach (var reply in await BindManyAsync(directory, account))
                {
                    // The garbage may come before or after the bind was sent.
                    Assert.True(
                        reply is { MayHaveBeenSent: false } && (reply.Verdict == verdict || reply.Verdict == Verdict.NoDomainController)
                        || (withTls && reply is { Verdict: Verdict.DirectoryTimeoutAfterSend, MayHaveBeenSent: true }), $"{reply}");
                }

                Assert.Equal(new LookupReply.NoVerdict(verdict), await FindAsync(directory, "alice@corp.example"));
                await LeavesNothingAsync(DirectoryLab.Dc1);
            }
        }

        await RecoversAsync(directory);
    }

    private static bool IsTimeout(BindReply reply) => reply
        is { Verdict: Verdict.DirectoryTimeoutAfterSend, MayHaveBeenSent: true }
        or { Verdict: Verdict.DirectoryTimeout, MayHaveBeenSent: false };

    private ForestDirectory Open(params string[] controllers)
    {
        var options = _lab.Options(Forest, controllers);
        (options.ConnectTimeout, options.SearchTimeout, options.BindTimeout) =
            (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4));
        return DirectoryLab.Open(options);
    }

    private static Task<LookupReply> FindAsync(ForestDirectory directory, string name) =>
        directory.FindAccountAsync(TypedName.TryParse(name)!, DirectoryLab.In(Deadline.TotalSeconds));

    private static async Task<BindReply> BindAsync(ForestDirectory directory, DirectoryAccount account)
    {
        using var password = DirectoryLab.Password(Right);
        var reply = await directory.BindAsync(account, password, DirectoryLab.In(Deadline.TotalSeconds));
        Assert.InRange(reply.Elapsed, TimeSpan.Zero, Deadline + Slack);
        return reply;
    }

    private static Task<BindReply[]> BindManyAsync(ForestDirectory directory, DirectoryAccount account) =>
        Task.WhenAll(Enumerable.Range(0, Attempts).Select(_ => BindAsync(directory, account)));

    private static async Task<BindReply> SignInAsync(ForestDirectory directory, string name)
    {
        var found = Assert.IsType<LookupReply.Found>(
            await directory.FindAccountAsync(TypedName.TryParse(name)!, DirectoryLab.In(Patience.TotalSeconds)));
        using var password = DirectoryLab.Password(Right);
        return await directory.BindAsync(found.Account, password, DirectoryLab.In(Patience.TotalSeconds));
    }

    // All connections of the pool are open and have carried a bind.
    private static async Task<DirectoryAccount> WarmAsync(ForestDirectory directory)
    {
        DirectoryAccount? account = null;
        await Eventually.TrueAsync("the forest serves", Patience, async () =>
        {
            account = (await FindAsync(directory, "alice@corp.example") as LookupReply.Found)?.Account;
            return account is not null && (await BindManyAsync(directory, account)).All(each => each.Verdict == Verdict.Success);
        });
        return account!;
    }

    private static async Task RecoversAsync(ForestDirectory directory) => await WarmAsync(directory);

    // A probe of the failed controller may be under way, but not all the time.
    private static async Task LeavesNothingAsync(string controller) => await Eventually.TrueAsync(
        $"no connection to {controller} is left", Patience, () => Task.FromResult(OwnSockets.To(controller) == 0));

    private static async Task<bool> IsListeningAsync(string host)
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, 636);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    // In the controller's own namespace, at its own address, with its own certificate. Not without end: that would keep every
    // processor busy, and this is not about a machine on which nothing gets its time.
    private ServiceProcess GarbageInPlaceOf(string controller, bool withTls)
    {
        var tls = Path.Combine(LabPeople.Variable("LAB_STATE"), controller, "lib/private/tls");
        var listen = withTls
            ? $"OPENSSL-LISTEN:636,reuseaddr,fork,verify=0,cert={tls}/cert.pem,key={tls}/key.pem"
            : "TCP-LISTEN:636,reuseaddr,fork";
        var space = LabPeople.Variable("LAB_AGENT_NAMESPACE").Replace("agent", controller, StringComparison.Ordinal);
        return ServiceProcess.Start(
            _lab.File("garbage.log"), new Dictionary<string, string>(), "ip", "netns", "exec", space, "socat", listen, "EXEC:/usr/bin/head -c 65536 /dev/zero");
    }
}
