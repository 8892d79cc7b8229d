using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace Passthrough.Gateway.SignIn;

/// <summary>How much one source address may ask: the first thing that is looked at, before a body is read.</summary>
internal sealed class SourceLimits(SignInOptions options) : IDisposable
{
    public const string Policy = "source";

    private readonly PartitionedRateLimiter<string> _failures = PartitionedRateLimiter.Create<string, string>(
        source => RateLimitPartition.GetTokenBucketLimiter(source, _ => Bucket(options)));

    public static RateLimitPartition<string> Partition(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<SignInOptions>();
        return RateLimitPartition.GetTokenBucketLimiter(SourceOf(context), _ => Bucket(options));
    }

    public static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancel)
    {
        var context = rejected.HttpContext;
        var log = context.RequestServices.GetRequiredService<ILogger<SourceLimits>>();
        log.SourceLimited(context.Connection.RemoteIpAddress);
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.FromSeconds(1);
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await PageResults.TooMany(seconds).ExecuteAsync(context);
    }

    /// <summary>Whether one more wrong key is within the source's budget, which is its own for keys; takes one.</summary>
    public bool MayFail(HttpContext context)
    {
        using var lease = _failures.AttemptAcquire(SourceOf(context));
        return lease.IsAcquired;
    }

    public void Dispose() => _failures.Dispose();

    /// <summary>An IPv4 address, or the /64 of an IPv6 address: one customer's network usually has at least that.</summary>
    internal static string SourceOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private static TokenBucketRateLimiterOptions Bucket(SignInOptions options) => new()
    {
        TokenLimit = options.SourceBurst,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / options.SourcePerMinute,
        AutoReplenishment = true,
    };
}
