using System.Collections.Concurrent;
using System.Diagnostics;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>Which of two real domain controllers gets the work, and what people notice when one of them is slow.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class SteeringTests : IDisposable
{
    private const int RelayPort = 1636;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Noticed = TimeSpan.FromSeconds(5);

    /// <summary>The choice goes by about what each controller would take: on a machine that is too busy for the tests the fast one can
    /// be silent for some 0.2 s with six people in its hands, and is then rightly passed over for one that takes 1.5 s. So few people,
    /// and a controller that is slower than any such silence.</summary>
    private const int People = 3;
    private static readonly TimeSpan Slowness = TimeSpan.FromSeconds(3);

    private readonly DirectoryLab _lab = new();
    private readonly ConcurrentQueue<(TimeSpan At, TimeSpan Took, BindReply Reply)> _binds = new();
    private readonly long _began = Stopwatch.GetTimestamp();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Site_and_PDC_are_learnt_from_the_directory_and_the_PDC_is_spared()
    {
        await using var directory = DirectoryLab.Open(_lab.Options("corp.example"));
        await Eventually.TrueAsync("the site is learnt", Patience, async () =>
            (await directory.ExplainOrderAsync(domain: null, DirectoryLab.In(10))).All(line => line.Contains(", own site,", StringComparison.Ordinal)));
        var lines = await directory.ExplainOrderAsync(domain: null, DirectoryLab.In(10));
        Assert.Equal(2, lines.Count);
        Assert.StartsWith("dc1.corp.example", Assert.Single(lines, line => line.Contains("PDC", StringComparison.Ordinal)), StringComparison.Ordinal);

        // One answer that a busy machine delays by a second makes the other dearer than the PDC, rightly and for some seconds. Without
        // a preference forty in a row would be a matter of 2 to the power of 40.
        const int inARow = 40;
        await Eventually.TrueAsync($"{inARow} in a row go to the other", Patience, async () =>
        {
            await SignInAsync(directory, "load0001@corp.example");
            return _binds.Count >= inARow && _binds.TakeLast(inARow).All(bind => bind.Reply.DomainController == DirectoryLab.Dc2);
        });
        Assert.All(_binds, bind => Assert.Equal(Verdict.Success, bind.Reply.Verdict));
    }

    [Fact]
    public async Task A_controller_that_becomes_slow_is_left_alone_and_has_its_work_back_when_it_is_fast()
    {
        var delay = _lab.File("delay");
        await File.WriteAllTextAsync(delay, "0");
        await using var relay = ServiceProcess.Start(
            _lab.File("relay.log"), new Dictionary<string, string>(), "ip", "netns", "exec",
            LabPeople.Variable("LAB_AGENT_NAMESPACE").Replace("agent", "dc2", StringComparison.Ordinal),
            "python3", Path.Combine(Installation.RepositoryRoot, "tests/Lab.Tests/Directories/delaying-relay.py"),
            $"{RelayPort}", $"{DirectoryLab.Dc2}:636", delay);
        var slow = $"{DirectoryLab.Dc2}:{RelayPort}";
        var options = _lab.Options("corp.example", DirectoryLab.Dc1, slow);
        // Slow, not dead: it answers within the time-outs.
        options.SearchTimeout = options.BindTimeout = Slowness * 2;
        await using var directory = DirectoryLab.Open(options);
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(1, People).Select(person => SignInUntilAsync(directory, $"load{person:0000}@corp.example", stop.Token)));
        await Eventually.TrueAsync("both serve", Patience, () => Task.FromResult(IsUsed(slow, TimeSpan.Zero) && IsUsed(DirectoryLab.Dc1, TimeSpan.Zero)));

        await File.WriteAllTextAsync(delay, $"{Slowness.TotalSeconds}");
        var slowFrom = Now;
        await Eventually.TrueAsync("people sign in who began after it should have been noticed", Patience, () => Task.FromResult(
            _binds.Count(bind => bind.At - bind.Took > slowFrom + Noticed) >= 200));
        await File.WriteAllTextAsync(delay, "0");
        var fastFrom = Now;
        await Eventually.TrueAsync("it has work again", TimeSpan.FromSeconds(35), () => Task.FromResult(IsUsed(slow, fastFrom)));
        await stop.CancelAsync();
        await load;

        Assert.All(_binds, bind => Assert.Equal(Verdict.Success, bind.Reply.Verdict));
        var during = _binds.Where(bind => bind.At - bind.Took > slowFrom + Noticed && bind.At < fastFrom).ToList();
        Assert.NotEmpty(during);
        // Whoever asked it for anything at all waited for as long as it is slow.
        var waited = during.Where(bind => bind.Took >= Slowness || bind.Reply.DomainController == slow)
            .Select(bind => $"{bind.Reply.DomainController} at {(bind.At - slowFrom).TotalSeconds:0.0} s took {bind.Took.TotalSeconds:0.00} s").ToList();
        Assert.True(waited.Count <= during.Count / 100, $"{waited.Count} of {during.Count} waited for the slow one: {string.Join(", ", waited)}");
    }

    private TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    private bool IsUsed(string controller, TimeSpan since) =>
        _binds.Any(bind => bind.At - bind.Took > since && bind.Reply.DomainController == controller);

    private async Task SignInUntilAsync(ForestDirectory directory, string name, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await SignInAsync(directory, name);
        }
    }

    private async Task SignInAsync(ForestDirectory directory, string name)
    {
        var began = Stopwatch.GetTimestamp();
        var found = Assert.IsType<LookupReply.Found>(await directory.FindAccountAsync(TypedName.TryParse(name)!, DirectoryLab.In(20)));
        using var password = DirectoryLab.Password("Passw0rd-1234");
        var reply = await directory.BindAsync(found.Account, password, DirectoryLab.In(20));
        _binds.Enqueue((Now, Stopwatch.GetElapsedTime(began), reply));
    }
}
