using System.Net;

namespace Passthrough.Dashboards.Tests;

/// <summary>The page, its parts and its stream over HTTP.</summary>
public sealed class StreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_page_and_what_belongs_to_it_say_what_a_browser_may_do_with_them()
    {
        await using var host = await DashboardHost.StartAsync(path: "/tenant");
        using var client = new HttpClient();
        using var page = await client.GetAsync(host.Address);
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal(
            ("nosniff", "no-referrer", "no-store"),
            (page.Headers.GetValues("X-Content-Type-Options").Single(), page.Headers.GetValues("Referrer-Policy").Single(), page.Headers.CacheControl?.ToString()));

        foreach (var name in (string[])["dashboard.js", "dashboard.css", "dashboard.svg"])
        {
            using var asset = await client.GetAsync(new Uri(host.Address, $"/tenant/{name}"));
            Assert.Equal((HttpStatusCode.OK, "no-cache"), (asset.StatusCode, asset.Headers.CacheControl?.ToString()));
            using var again = new HttpRequestMessage(HttpMethod.Get, asset.RequestMessage!.RequestUri) { Headers = { IfNoneMatch = { asset.Headers.ETag! } } };
            using var same = await client.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        }
    }

    [Fact]
    public async Task The_page_is_sent_when_it_has_changed_and_the_look_each_time()
    {
        await using var host = await DashboardHost.StartAsync();
        using var end = new CancellationTokenSource(Patience);
        await using var events = Events(host, end.Token).GetAsyncEnumerator();
        Assert.StartsWith("page", await NextAsync(events), StringComparison.Ordinal);
        Assert.StartsWith("looked", await NextAsync(events), StringComparison.Ordinal);
        Assert.StartsWith("looked", await NextAsync(events), StringComparison.Ordinal);
        host.Page = Samples.Trouble;
        var next = await NextAsync(events);
        Assert.Contains("silent for 4 s", next.StartsWith("looked", StringComparison.Ordinal) ? await NextAsync(events) : next, StringComparison.Ordinal);
        Assert.StartsWith("looked", await NextAsync(events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_no_longer_look_is_shown_no_more()
    {
        await using var host = await DashboardHost.StartAsync();
        using var end = new CancellationTokenSource(Patience);
        await using var events = Events(host, end.Token).GetAsyncEnumerator();
        await NextAsync(events);
        host.Page = null;
        while (await events.MoveNextAsync())
        {
            Assert.StartsWith("looked", events.Current, StringComparison.Ordinal);
        }

        using var client = new HttpClient();
        using var page = await client.GetAsync(host.Address);
        using var stream = await client.GetAsync(new Uri(host.Address, "stream"));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (page.StatusCode, stream.StatusCode));
    }

    [Fact]
    public async Task Streams_are_bounded_and_a_place_is_free_again_when_one_ends()
    {
        await using var host = await DashboardHost.StartAsync(maxStreams: 2);
        using var end = new CancellationTokenSource(Patience);
        using var client = new HttpClient();
        await using var first = Events(host, end.Token).GetAsyncEnumerator();
        await NextAsync(first);
        await using (var second = Events(host, end.Token).GetAsyncEnumerator())
        {
            await NextAsync(second);
            using var third = await client.GetAsync(new Uri(host.Address, "stream"), end.Token);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, 10), (third.StatusCode, third.Headers.RetryAfter?.Delta?.TotalSeconds));
        }

        for (var isFree = false; !isFree;)
        {
            using var again = await client.GetAsync(new Uri(host.Address, "stream"), HttpCompletionOption.ResponseHeadersRead, end.Token);
            isFree = again.StatusCode == HttpStatusCode.OK;
        }
    }

    [Fact]
    public async Task Nothing_is_gathered_when_nobody_looks_and_an_open_stream_does_not_hold_up_the_stop()
    {
        var host = await DashboardHost.StartAsync();
        using var end = new CancellationTokenSource(Patience);
        var events = Events(host, end.Token).GetAsyncEnumerator();
        Assert.Equal(0, host.Looks);
        await NextAsync(events);
        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(4));
        await events.DisposeAsync();
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<string> events)
    {
        Assert.True(await events.MoveNextAsync());
        return events.Current;
    }

    /// <summary>Each as "name data".</summary>
    private static async IAsyncEnumerable<string> Events(DashboardHost host, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(host.Address, "stream"), HttpCompletionOption.ResponseHeadersRead, cancel);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await lines.ReadLineAsync(cancel) is { } name)
        {
            var data = await lines.ReadLineAsync(cancel);
            Assert.Equal("", await lines.ReadLineAsync(cancel));
            yield return $"{name["event: ".Length..]} {data!["data: ".Length..]}";
        }
    }
}
