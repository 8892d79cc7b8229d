using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Passthrough.Dashboards;

/// <summary>Gathers what is to be seen now, by who asks. Called at each request of the page, and once a second for each open stream: what is
/// dear, the caller shares among them.</summary>
/// <returns>Null: he may not look, or no longer. Who wants to be answered otherwise than with 403 is so by this function itself.</returns>
public delegate Task<DashboardPage?> PageSource(HttpContext context, CancellationToken cancel);

/// <summary>What differs between dashboards.</summary>
public sealed record DashboardSettings(TimeProvider Clock)
{
    /// <summary>Other pages that are to be reached from this one, by their addresses. Default none.</summary>
    public IReadOnlyList<(string Text, string Address)> Links { get; init; } = [];

    /// <summary>Open at once; another gets 503. Default 16.</summary>
    public int MaxStreams { get; init; } = 16;
}

/// <summary>A page, its script and style sheet, and the stream of events that keeps it alive.</summary>
public static class DashboardEndpoints
{
    internal static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Between two looks for one stream: it tells that it lives as often, and the page takes three times that for its death.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="path">Where the page is: "/", or "/tenant". What belongs to it is below.</param>
    public static void MapDashboard(this IEndpointRouteBuilder routes, string path, DashboardSettings settings, PageSource source)
    {
        var root = path.TrimEnd('/');
        var streams = new Streams(settings, source);
        routes.MapMethods(path, Reading, Guarded(context => ShowAsync(context, root, settings, source)));
        routes.MapGet($"{root}/stream", Guarded(streams.RunAsync));
        DashboardAssets.Map(routes, root);
    }

    private static RequestDelegate Guarded(RequestDelegate then) => context =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; "
            + "base-uri 'none'; form-action 'none'";
        (headers.XContentTypeOptions, headers.CacheControl) = ("nosniff", "no-store");
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return then(context);
    };

    private static async Task ShowAsync(HttpContext context, string root, DashboardSettings settings, PageSource source)
    {
        if (await source(context, context.RequestAborted) is not { } page)
        {
            Refuse(context);
            return;
        }

        var html = new PageHtml(context.Request.PathBase + root) { Links = settings.Links }.Of(PageBounds.Of(page).Page, settings.Clock.GetUtcNow());
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(html, context.RequestAborted);
    }

    private static void Refuse(HttpContext context)
    {
        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status200OK })
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
    }

    private sealed class Streams(DashboardSettings settings, PageSource source)
    {
        private int _open;

        public async Task RunAsync(HttpContext context)
        {
            var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            try
            {
                if (Interlocked.Increment(ref _open) <= settings.MaxStreams)
                {
                    await SendAsync(context, end.Token);
                    return;
                }

                context.Response.Headers.RetryAfter = "10";
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The browser has gone, or the program stops.
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }

        /// <summary>The page when it has changed, and each time the time of the look.</summary>
        private async Task SendAsync(HttpContext context, CancellationToken cancel)
        {
            byte[] sent = [];
            while (await source(context, cancel) is { } page)
            {
                context.Response.ContentType ??= "text/event-stream";
                var (_, json) = PageBounds.Of(page);
                if (!json.AsSpan().SequenceEqual(sent))
                {
                    await context.Response.Body.WriteAsync("event: page\ndata: "u8.ToArray(), cancel);
                    await context.Response.Body.WriteAsync(sent = json, cancel);
                    await context.Response.Body.WriteAsync("\n\n"u8.ToArray(), cancel);
                }

                var at = settings.Clock.GetUtcNow().UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
                await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes($"event: looked\ndata: {at}\n\n"), cancel);
                await context.Response.Body.FlushAsync(cancel);
                await Task.Delay(Pause, settings.Clock, cancel);
            }

            Refuse(context);
        }
    }
}
