using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Passthrough.Dashboards;
using Passthrough.Gateway.Instances;

namespace Passthrough.Gateway.TenantPage;

/// <summary>The page of one tenant as it is now, for those who may look. Gathered at most once a second for each tenant, however many
/// look.</summary>
internal sealed class TenantView(TenantAccess access, AgentPanels agents, AttemptPanels attempts, InstanceWatch watch, TimeProvider time) : IDisposable
{
    /// <summary>Pages that follow by themselves at once, of one tenant and of all.</summary>
    public const int MostStreamsPerTenant = 16, MostStreams = 512;

    /// <summary>A little less than a stream's pause, so that each look sees something new.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromMilliseconds(900);

    private static readonly PathString StreamPath = TenantPageEndpoints.Root + "/stream";

    private readonly ConcurrentDictionary<string, Gathered> _gathered = new(StringComparer.Ordinal);
    private readonly PartitionedRateLimiter<string> _streams = PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetConcurrencyLimiter(tenant, static _ => new ConcurrencyLimiterOptions { PermitLimit = MostStreamsPerTenant }));

    /// <summary>Null: they may not look, or no longer. Who asks for the page is sent to the sign-in.</summary>
    public async Task<DashboardPage?> ShowAsync(HttpContext context, CancellationToken cancel)
    {
        var isStream = context.Request.Path == StreamPath;
        if (await access.FindAsync(context) is not { } visitor)
        {
            if (!isStream)
            {
                context.Response.StatusCode = StatusCodes.Status303SeeOther;
                context.Response.Headers.Location = TenantPageEndpoints.SignIn;
            }

            return null;
        }

        if (isStream && !HasPlace(context, visitor.Tenant))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return null;
        }

        if (!isStream)
        {
            await access.NoteUseAsync(context, visitor);
        }

        return await GatherAsync(visitor.Tenant).WaitAsync(cancel);
    }

    public void Dispose() => _streams.Dispose();

    /// <summary>Taken at the first look of a stream, given back when it ends.</summary>
    private bool HasPlace(HttpContext context, string tenant)
    {
        if (context.Items.ContainsKey(this))
        {
            return true;
        }

        var place = _streams.AttemptAcquire(tenant);
        context.Response.RegisterForDispose(place);
        context.Items[this] = place;
        return place.IsAcquired;
    }

    private Task<DashboardPage> GatherAsync(string tenant)
    {
        while (true)
        {
            var found = _gathered.TryGetValue(tenant, out var before);
            if (found && time.GetElapsedTime(before!.At) < GoodFor)
            {
                return before.Page.Value;
            }

            // One gathers, the others wait for the same page; nobody's going away ends it for the others.
            var fresh = new Gathered(time.GetTimestamp(), new Lazy<Task<DashboardPage>>(() => MakeAsync(tenant)));
            if (found ? _gathered.TryUpdate(tenant, fresh, before!) : _gathered.TryAdd(tenant, fresh))
            {
                return fresh.Page.Value;
            }
        }
    }

    private async Task<DashboardPage> MakeAsync(string tenant)
    {
        var first = await agents.OfAsync(tenant, CancellationToken.None);
        var second = await attempts.OfAsync(tenant, CancellationToken.None);
        var instances = watch.Others.Count + 1;
        return new DashboardPage(
            $"Sign-ins of {tenant}",
            instances == 1 ? $"Seen by the gateway {watch.Own}." : $"Seen by {watch.Own}, one of {instances} gateway instances.",
            [first[0], first[1], .. second, first[2]]);
    }

    private sealed record Gathered(long At, Lazy<Task<DashboardPage>> Page);
}
