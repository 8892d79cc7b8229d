using Passthrough.Directories;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>What people see when the domain controller that serves most of them fails under load: nothing but a wait, for 5 s at
/// most. It gets no bind until it is back, and then within 30 s. One that is slow: Lab.Tests/Directories/SteeringTests.cs.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class ControllerFaultTests
{
    /// <summary>Not the PDC, which gets little work.</summary>
    private const string Busy = "dc2", BusyName = "dc2.corp.example";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Noticed = TimeSpan.FromSeconds(5), Back = TimeSpan.FromSeconds(30);

    /// <summary>Whoever waits for a controller that is silent waits for as long as a search or a connection may take.</summary>
    private static readonly TimeSpan Waited = new ForestOptions().SearchTimeout;

    [Theory]
    [InlineData("frozen"), InlineData("killed"), InlineData("unplugged")]
    public async Task No_sign_in_fails_while_another_controller_lives_and_it_serves_again_when_it_is_back(string fault)
    {
        await using var installation = await Installation.StartAsync();
        await using var load = new Load(installation, people: 6);
        await Eventually.TrueAsync("work is under way", Patience, () => Task.FromResult(load.Count > 100));
        var made = fault switch
        {
            "frozen" => Fault.FrozenAsync(Busy),
            "killed" => Fault.KilledAsync(Busy),
            _ => Fault.UnpluggedAsync(Busy),
        };
        IReadOnlyList<TimedAnswer> later;
        await using (await made)
        {
            var since = load.Now + Noticed;
            await Eventually.TrueAsync("people sign in who began when it should have been noticed", Patience, () => Task.FromResult(
                load.Timed.Count(answer => answer.Asked > since) >= 200));
            later = [.. load.Timed.Where(answer => answer.Asked > since)];
        }

        var recovered = load.Now;
        await Eventually.TrueAsync("it serves again", Back, () => Task.FromResult(
            load.Timed.Any(each => each.Asked > recovered && each.Answer.DomainController == BusyName)));
        var answers = await load.StopAsync();
        Assert.All(answers, answer => Assert.Equal("Success", answer.Verdict));
        Assert.InRange(later.Count(answer => answer.Took >= Waited), 0, later.Count / 100);
        Assert.All(later, each => Assert.Equal("dc1.corp.example", each.Answer.DomainController));
    }
}
