using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>What people see when an agent's process dies, stops, renews its certificate or is revoked.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class AgentLifeTests
{
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");
    private static readonly LabPerson Ivan = LabPeople.Of("corp.example", "ivan");

    /// <summary>Another each time: one that is repeated is not counted.</summary>
    private static string Wrong() => Guid.NewGuid().ToString("n");

    [Fact]
    public async Task A_killed_agent_signs_in_again_without_a_human_and_a_lock_is_still_there()
    {
        await using var installation = await Installation.StartAsync(
            agentOptions: new Dictionary<string, string> { ["Lockout__LockTime"] = "00:10:00" });
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("BadPassword", (await installation.ValidateAsync(Ivan.Name, Wrong())).Verdict);
        }

        Assert.Equal("SmartLocked", (await installation.ValidateAsync(Ivan.Name, Ivan.Password)).Verdict);
        await installation.Agent().Process.KillAsync();
        await installation.Agent().StartAsync();
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        Assert.Equal("SmartLocked", (await installation.ValidateAsync(Ivan.Name, Ivan.Password)).Verdict);
    }

    [Fact]
    public async Task A_killed_agent_never_lets_more_wrong_passwords_through_than_the_budget()
    {
        await using var installation = await Installation.StartAsync(
            agentOptions: new Dictionary<string, string> { ["Lockout__LockTime"] = "00:10:00" });
        var binds = 0;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 3; i++)
            {
                binds += (await installation.ValidateAsync(Ivan.Name, Wrong())).Verdict == "BadPassword" ? 1 : 0;
            }

            await installation.Agent().Process.KillAsync();
            await installation.Agent().StartAsync();
        }

        Validation last;
        do
        {
            last = await installation.ValidateAsync(Ivan.Name, Wrong());
            binds += last.Verdict == "BadPassword" ? 1 : 0;
        }
        while (last.Verdict == "BadPassword");

        Assert.Equal("SmartLocked", last.Verdict);
        Assert.InRange(binds, 7, 10);
    }

    [Fact]
    public async Task An_agent_that_is_told_to_stop_finishes_what_it_has_and_a_peer_takes_the_rest()
    {
        await using var installation = await Installation.StartAsync(agents: 2);
        await using var load = new Load(installation, people: 8);
        await Eventually.TrueAsync("work is under way", TimeSpan.FromSeconds(30), () => Task.FromResult(load.Count > 50));
        Assert.Equal(0, await installation.Agent(0).Process.TerminateAsync());
        var before = load.Count;
        await Eventually.TrueAsync("the peer works on", TimeSpan.FromSeconds(30), () => Task.FromResult(load.Count > before + 50));
        Assert.All(await load.StopAsync(), answer => Assert.Equal("Success", answer.Verdict));
    }

    [Fact]
    public async Task An_agent_that_is_killed_under_load_loses_no_sign_in_while_a_peer_lives()
    {
        await using var installation = await Installation.StartAsync(agents: 2);
        await using var load = new Load(installation, people: 8);
        await Eventually.TrueAsync("work is under way", TimeSpan.FromSeconds(30), () => Task.FromResult(load.Count > 50));
        await installation.Agent(0).Process.KillAsync();
        var before = load.Count;
        await Eventually.TrueAsync("the peer works on", TimeSpan.FromSeconds(30), () => Task.FromResult(load.Count > before + 50));
        Assert.All(await load.StopAsync(), answer => Assert.Equal("Success", answer.Verdict));
    }

    [Fact]
    public async Task Renewed_certificates_lose_no_attempt()
    {
        await using var installation = await Installation.StartAsync(
            new Dictionary<string, string> { [Installation.CertificateLifetime] = "00:00:20" });
        async Task<string> UntilAsync() => (string)(await installation.AdminJsonAsync("agent", "list")).AsArray()
            .Single(agent => (string)agent!["name"]! == installation.Agent().Name)!["certificateUntil"]!;
        var first = await UntilAsync();
        await using var load = new Load(installation, people: 4);

        // Longer than the first one lived: without renewals the stream would have ended.
        await Eventually.TrueAsync("renewals", TimeSpan.FromSeconds(120), async () =>
            DateTimeOffset.Parse(await UntilAsync(), null) - DateTimeOffset.Parse(first, null) > TimeSpan.FromSeconds(20));
        Assert.All(await load.StopAsync(), answer => Assert.Equal(("Success", 1), (answer.Verdict, answer.Dispatches)));
    }

    [Fact]
    public async Task A_revoked_agent_is_cut_off_within_a_second_and_gets_nothing_more()
    {
        await using var installation = await Installation.StartAsync();
        var id = (string)(await installation.AdminJsonAsync("agent", "list")).AsArray()
            .Single(agent => (string)agent!["name"]! == installation.Agent().Name)!["agentId"]!;
        await installation.AdminAsync("agent", "revoke", id, "--reason", "a test");
        var took = await Eventually.TrueAsync("nothing is sealed to it", TimeSpan.FromSeconds(10), async () =>
            (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict == "NoAgent");
        Assert.True(took < TimeSpan.FromSeconds(2), $"{took}");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("NoAgent", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        }
    }

    [Fact]
    public async Task A_gateway_that_was_killed_comes_back_and_its_agents_find_it()
    {
        await using var installation = await Installation.StartAsync();
        await installation.Gateway.KillAsync();
        await installation.Gateway.DisposeAsync();
        await installation.StartGatewayAsync();
        await installation.ReadyAsync();
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
    }

    [Fact]
    public async Task The_operators_console_shows_the_running_node()
    {
        await using var installation = await Installation.StartAsync();
        var (_, shown) = await installation.Agent().PbmAsync("cluster", "show");
        Assert.Matches(@"^akka\.tcp://\S+:\d+ \| \[.*\] \| up \| reachable \| .* \| leader$", shown);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(installation.Agent().OperatorSocket));
    }

    [Fact]
    public async Task An_operator_ends_a_lock_and_the_gateway_forgets_it_too()
    {
        await using var installation = await Installation.StartAsync();
        Validation last;
        do
        {
            last = await installation.ValidateAsync(Ivan.Name, Wrong());
        }
        while (last.Verdict == "BadPassword");

        Assert.Equal("SmartLocked", last.Verdict);
        Assert.Equal(0, (await installation.ValidateAsync(Ivan.Name, Ivan.Password)).Dispatches);
        Assert.Equal(
            (1, "pbm: no forest of this agent knows nobody@corp.example; what is counted of a name of nobody ends by itself"),
            await UnlockAsync("nobody@corp.example", "x"));
        Assert.Equal((1, "pbm: say why with --reason, in 200 bytes at most: it is kept in the audit trail"), await UnlockAsync(Ivan.Name, reason: ""));
        var (code, said) = await UnlockAsync(Ivan.Name, "ticket 4711");
        Assert.Equal(0, code);
        Assert.StartsWith($"{Ivan.Name} is unlocked", said, StringComparison.Ordinal);
        Assert.Equal("Success", (await installation.ValidateAsync(Ivan.Name, Ivan.Password)).Verdict);
        Assert.Contains("ticket 4711", installation.Agent().Process.Log(), StringComparison.Ordinal);

        Task<(int Code, string Said)> UnlockAsync(string account, string reason) =>
            installation.Agent().PbmAsync("account", "unlock", account, "--reason", reason);
    }

    [Fact]
    public async Task A_used_token_enrols_nobody_else()
    {
        await using var installation = await Installation.StartAsync(agents: 0);
        var token = await installation.CreateTokenAsync();
        await installation.NewAgent("first").EnrolAsync(token);
        var second = installation.NewAgent("second");
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => second.EnrolAsync(token));
        Assert.Contains("used", refusal.Message, StringComparison.Ordinal);
    }
}
