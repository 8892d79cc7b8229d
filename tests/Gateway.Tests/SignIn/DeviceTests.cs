using System.Net;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>Where a sign-in comes from, as the agents are told.</summary>
public class DeviceTests
{
    private const string Name = "anna@corp.example";
    private const string Cookie = "__Host-passthrough-device-acme";
    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/24");

    [Fact]
    public async Task A_browser_is_known_again_after_a_sign_in_and_not_after_a_refusal()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        Assert.DoesNotContain(Cookie, (await visitor.SignInAsync(Name, "wrong")).Headers.GetValueOrDefault("Set-Cookie", ""), StringComparison.Ordinal);
        await visitor.SignInAsync(Name, SignInHost.RightPassword);
        await SignOutAsync(visitor);
        await visitor.SignInAsync(Name, "wrong");
        await visitor.SignInAsync(Name, SignInHost.RightPassword);

        Assert.Equal([null, null, host.Sources[2].Device, host.Sources[2].Device], host.Sources.Select(s => s.Device));
        Assert.NotNull(host.Sources[2].Device);
        Assert.All(host.Sources, s => Assert.Equal(Loopback, s.Network));
    }

    [Fact]
    public async Task Two_browsers_are_two_devices()
    {
        await using var host = await SignInHost.StartAsync();
        foreach (var _ in (int[])[1, 2])
        {
            using var visitor = new Visitor(host);
            await visitor.SignInAsync(Name, SignInHost.RightPassword);
            await SignOutAsync(visitor);
            await visitor.SignInAsync(Name, "wrong");
        }

        Assert.NotEqual(host.Sources[1].Device, host.Sources[3].Device);
    }

    [Fact]
    public async Task The_cookie_is_kept_for_400_days_by_this_host_alone_and_says_nothing_that_an_agent_is_told()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        var set = (await visitor.SignInAsync(Name, SignInHost.RightPassword)).Headers["Set-Cookie"].Split('\n')
            .Single(line => line.StartsWith(Cookie + "=", StringComparison.Ordinal));
        await SignOutAsync(visitor);
        await visitor.SignInAsync(Name, "wrong");

        var parts = set.Split("; ");
        Assert.Equal(["max-age=34560000", "path=/", "secure", "samesite=strict", "httponly"], parts[1..].Where(p => !p.StartsWith("expires", StringComparison.Ordinal)));
        Assert.DoesNotContain($"{host.Sources[1].Device:n}", set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("anna", set, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("%%%")]
    public async Task A_cookie_that_is_not_ours_is_no_device(string value)
    {
        await using var host = await SignInHost.StartAsync();
        Assert.Null(await DeviceWithAsync(host, value));
        Assert.Null(await DeviceWithAsync(host, new string('a', 5_000)));
    }

    [Fact]
    public async Task Another_gateway_s_cookie_and_one_that_was_changed_are_no_devices()
    {
        await using var host = await SignInHost.StartAsync();
        await using var stranger = await SignInHost.StartAsync();
        var value = await CookieOfAsync(host);

        Assert.NotNull(await DeviceWithAsync(host, value));
        Assert.Null(await DeviceWithAsync(host, value[..^1]));
        Assert.Null(await DeviceWithAsync(host, (value[0] == 'A' ? "B" : "A") + value[1..]));
        Assert.Null(await DeviceWithAsync(stranger, value));
    }

    [Theory]
    [InlineData(", \"clientAddress\": \"198.51.100.9\"", "198.51.100.0/24")]
    [InlineData(", \"clientAddress\": \"2001:db8:1:2::9\"", "2001:db8:1::/48")]
    [InlineData(", \"clientAddress\": \"::ffff:198.51.100.9\"", "198.51.100.0/24")]
    [InlineData("", null)]
    public async Task A_service_says_where_its_client_is_and_its_own_address_is_never_taken_for_that(string field, string? network)
    {
        await using var host = await SignInHost.StartAsync();
        using var client = host.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tenants/acme/validations");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {host.Key}");
        request.Content = new StringContent(
            $"{{\"userName\": \"{Name}\", \"password\": \"x\"{field}}}", System.Text.Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new ClientSource(network is null ? null : IPNetwork.Parse(network), null), host.Sources.Single());
    }

    private static async Task SignOutAsync(Visitor visitor) =>
        await visitor.PostAsync("/sign-out", (await visitor.GetAsync("/account")).Token);

    private static async Task<string> CookieOfAsync(SignInHost host)
    {
        using var visitor = new Visitor(host);
        var set = (await visitor.SignInAsync(Name, SignInHost.RightPassword)).Headers["Set-Cookie"];
        return set.Split(Cookie + "=")[1].Split(';')[0];
    }

    private static async Task<Guid?> DeviceWithAsync(SignInHost host, string value)
    {
        using var visitor = new Visitor(host);
        visitor.Client.DefaultRequestHeaders.Add("Cookie", $"{Cookie}={value}");
        await visitor.SignInAsync(Name, "wrong");
        return host.Sources[^1].Device;
    }
}
