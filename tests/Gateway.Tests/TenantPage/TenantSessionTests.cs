using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.TenantPage;

/// <summary>How long somebody may look, on a whole gateway whose clock is set ahead.</summary>
public sealed class TenantSessionTests
{
    private readonly ShiftedClock _clock = new();

    [Fact]
    public async Task A_session_ends_after_30_minutes_without_anybody_though_its_page_follows()
    {
        await using var site = await TenantSite.StartAsync(clock: _clock);
        using var visitor = await site.SignedInAsync();

        // Each look is a use, of the overview and of the search: 58 minutes are no limit.
        foreach (var path in (string[])["/tenant", "/tenant/search"])
        {
            _clock.Advance(TimeSpan.FromMinutes(29));
            Assert.Equal((path, 200), (path, (await visitor.GetAsync(path)).Code));
        }

        // A page that follows by itself is not.
        await using var stream = await visitor.Client.GetStreamAsync("/tenant/stream");
        _clock.Advance(TimeSpan.FromMinutes(30));
        using var reader = new StreamReader(stream);
        await reader.ReadToEndAsync().InTimeAsync();
        await IsOverAsync(visitor);
    }

    [Fact]
    public async Task A_session_ends_after_8_hours_however_much_it_is_used()
    {
        await using var site = await TenantSite.StartAsync(clock: _clock);
        using var visitor = await site.SignedInAsync();
        for (var i = 0; i < 19; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(25));
            Assert.Equal((i, 200), (i, (await visitor.GetAsync("/tenant")).Code));
        }

        await using var stream = await visitor.Client.GetStreamAsync("/tenant/stream");
        _clock.Advance(TimeSpan.FromMinutes(5));
        using var reader = new StreamReader(stream);
        await reader.ReadToEndAsync().InTimeAsync();
        await IsOverAsync(visitor);
    }

    private static async Task IsOverAsync(Visitor visitor)
    {
        foreach (var path in (string[])["/tenant", "/tenant/search"])
        {
            var sent = await visitor.GetAsync(path);
            Assert.Equal((303, "/tenant/sign-in"), (sent.Code, sent.Location));
        }

        Assert.Equal(403, (await visitor.GetAsync("/tenant/stream")).Code);
    }
}
