using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>What people see when the domain controller that serves most of them fails under load: nothing but a wait.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class ControllerFaultTests
{
    /// <summary>Not the PDC, which gets little work.</summary>
    private const string Busy = "dc2";

    [Theory]
    [InlineData("frozen"), InlineData("killed"), InlineData("unplugged")]
    public async Task No_sign_in_fails_while_another_controller_lives(string fault)
    {
        await using var installation = await Installation.StartAsync();
        await using var load = new Load(installation, people: 6);
        await Eventually.TrueAsync("work is under way", TimeSpan.FromSeconds(60), () => Task.FromResult(load.Count > 100));
        var made = fault switch
        {
            "frozen" => Fault.FrozenAsync(Busy),
            "killed" => Fault.KilledAsync(Busy),
            _ => Fault.UnpluggedAsync(Busy),
        };
        await using (await made)
        {
            var before = load.Count;
            await Eventually.TrueAsync("the other controller serves", TimeSpan.FromSeconds(60), () => Task.FromResult(load.Count > before + 200));
        }

        var answers = await load.StopAsync();
        Assert.All(answers, answer => Assert.Equal("Success", answer.Verdict));
        Assert.Contains(answers, answer => answer.DomainController == "dc1.corp.example");
    }
}
