using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Slapd;

/// <summary>What becomes of sign-ins when a real server is frozen or killed, and comes back.</summary>
public sealed class SlapdFaultTests : IDisposable
{
    private readonly SlapdServer _slapd = new();

    public void Dispose() => _slapd.Dispose();

    [Fact]
    public async Task A_frozen_server_keeps_no_attempt_beyond_its_deadline_and_serves_again_when_it_thaws()
    {
        var options = _slapd.Options();
        (options.ConnectTimeout, options.SearchTimeout, options.BindTimeout) = (Seconds(1.5), Seconds(1.5), Seconds(1.5));
        await using var directory = Open(options);
        var account = await UntilFoundAsync(directory);
        Assert.Equal(Verdict.Success, (await BindAsync(directory, account)).Verdict);
        _slapd.Freeze();
        try
        {
            var clock = Stopwatch.StartNew();
            var replies = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => BindAsync(directory, account)));
            Assert.All(replies, each => Assert.True(
                each.Verdict is Verdict.DirectoryTimeoutAfterSend ? each.MayHaveBeenSent
                    : each.Verdict is Verdict.DirectoryTimeout && !each.MayHaveBeenSent, $"{each}"));
            Assert.Contains(replies, each => each.MayHaveBeenSent);
            var lookup = await directory.FindAccountAsync(TypedName.TryParse("person1@corp.example")!, Peer.In(10));
            Assert.Equal(new LookupReply.NoVerdict(Verdict.DirectoryTimeout), lookup);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Seconds(30));
            Assert.Equal(0, directory.OpenConnections);
            Assert.False(directory.IsReachable);
        }
        finally
        {
            _slapd.Thaw();
        }

        Assert.Equal(Verdict.Success, (await BindAsync(directory, await UntilFoundAsync(directory))).Verdict);
    }

    [Fact]
    public async Task A_server_that_was_killed_gives_no_verdict_and_serves_again_when_it_is_back()
    {
        await using var directory = Open(_slapd.Options());
        var account = await UntilFoundAsync(directory);
        Assert.Equal(Verdict.Success, (await BindAsync(directory, account)).Verdict);
        _slapd.Kill();
        await ForestBench.UntilAsync(() => directory.OpenConnections == 0, "the ends of the connections are noticed");
        var reply = await BindAsync(directory, account);
        Assert.Equal((Verdict.NoDomainController, false), (reply.Verdict, reply.MayHaveBeenSent));
        _slapd.Start();
        Assert.Equal(Verdict.Success, (await BindAsync(directory, await UntilFoundAsync(directory))).Verdict);
    }

    [Fact]
    public async Task A_check_names_each_fault_in_one_line()
    {
        using var other = new TestAuthority("Another CA");
        using var folder = new TestFolder();
        await AssertFaultAsync(options => options.TrustedCaFile = folder.Write("ca.pem", other.Pem), "was issued by 'CN=slapd test CA'");
        await AssertFaultAsync(options => options.DomainControllers[0] = "localhost:1", "localhost:1 cannot be reached");
        await AssertFaultAsync(
            options => options.ServiceAccountPasswordFile = folder.Write("wrong", "wrong"), "refused by localhost");
        await AssertFaultAsync(options => options.Name = "other.example", "read DC=other,DC=example (result 32)");
        await AssertFaultAsync(_ => { }, null);
    }

    private async Task AssertFaultAsync(Action<ForestOptions> change, string? expected)
    {
        var options = _slapd.Options();
        change(options);
        await using var directory = Open(options);
        var fault = (await directory.CheckAsync(Peer.Soon)).Fault;
        if (expected is null)
        {
            Assert.Null(fault);
            return;
        }

        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.StartsWith($"forest {options.Name}: ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault!);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static async Task<BindReply> BindAsync(ForestDirectory directory, DirectoryAccount account)
    {
        using var password = Peer.Password(SlapdServer.PasswordOf(1));
        return await directory.BindAsync(account, password, Peer.In(15));
    }

    private static async Task<DirectoryAccount> UntilFoundAsync(ForestDirectory directory)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var reply = await directory.FindAccountAsync(TypedName.TryParse("person1@corp.example")!, Peer.Soon);
            if (reply is LookupReply.Found found)
            {
                return found.Account;
            }

            Assert.True(clock.Elapsed < Seconds(60), $"{reply}");
            await Task.Delay(50);
        }
    }

    private static ForestDirectory Open(ForestOptions options) =>
        ForestDirectory.Open(options, TimeProvider.System, NullLogger<ForestDirectory>.Instance);
}
