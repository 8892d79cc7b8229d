using Microsoft.Extensions.Time.Testing;
using Passthrough.Gateway.SignIn;

namespace Passthrough.Gateway.Tests.SignIn;

public class SessionTests
{
    private const string Name = "anna@corp.example";

    [Theory, InlineData(-1, 200), InlineData(1, 303)]
    public async Task A_session_ends_when_its_time_is_over(int secondsAfterItsEnd, int status)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await SignInHost.StartAsync(time: time);
        using var visitor = new Visitor(host);
        await visitor.SignInAsync(Name, SignInHost.RightPassword);
        time.Advance(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(secondsAfterItsEnd));
        Assert.Equal(status, (await visitor.GetAsync("/account")).Code);
    }

    [Fact]
    public async Task A_session_outlives_a_restart_and_is_nobody_elses()
    {
        var state = Directory.CreateTempSubdirectory("passthrough-sign-in-").FullName;
        await using var first = await SignInHost.StartAsync(stateDirectory: state);
        using var visitor = new Visitor(first);
        var cookie = (await visitor.SignInAsync(Name, SignInHost.RightPassword)).Headers["Set-Cookie"].Split(';')[0];
        await using var second = await SignInHost.StartAsync(stateDirectory: state);
        Assert.Equal(200, await AccountWithAsync(second, cookie));
        Assert.Equal(303, await AccountWithAsync(second, cookie[..^3]));
        await using var stranger = await SignInHost.StartAsync();
        Assert.Equal(303, await AccountWithAsync(stranger, cookie));
    }

    [Fact]
    public void Every_wrong_setting_is_named_at_once()
    {
        var wrong = new SignInOptions
        {
            SourceBurst = 0,
            SourcePerMinute = 60_001,
            SessionLifetime = TimeSpan.FromSeconds(299),
            RefusalStep = TimeSpan.FromSeconds(5.001),
            ValidationsInFlightPerKey = 0,
        };
        Assert.Equal(5, SignInOptionsValidator.Faults(wrong).Count());
        Assert.Contains("SignIn:SourceBurst is 0: must be 1 to 10000", SignInOptionsValidator.Faults(wrong));
        Assert.Empty(SignInOptionsValidator.Faults(new SignInOptions()));
    }

    private static async Task<int> AccountWithAsync(SignInHost host, string cookie)
    {
        using var client = host.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account");
        request.Headers.Add("Cookie", cookie);
        return (int)(await client.SendAsync(request)).StatusCode;
    }
}
