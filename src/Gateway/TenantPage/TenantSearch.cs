using System.Threading.RateLimiting;
using Passthrough.Audit;
using Passthrough.Decisions.TenantPage;
using Passthrough.Gateway.Hosting;

namespace Passthrough.Gateway.TenantPage;

/// <summary>How a search of the tenant page ended.</summary>
internal abstract record SearchAnswer
{
    public sealed record Done(AuditFound Found) : SearchAnswer;

    /// <summary>As many searches run as may at once.</summary>
    public sealed record Busy : SearchAnswer;

    public sealed record Unreadable : SearchAnswer;
}

/// <summary>Searches the sign-in and audit log of this instance for one tenant's administrators. Each search is a record itself.</summary>
internal sealed class TenantSearch(GatewayOptions options, AuditLog audit, TimeProvider time, ILogger<TenantSearch> log) : IDisposable
{
    /// <summary>Records that are shown at once, the newest that match.</summary>
    public const int Limit = 100;

    /// <summary>At once: each reads whole files of 32 MB.</summary>
    public const int MostPerTenant = 1, Most = 4;

    /// <summary>Of one search; then it says how far it came.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly AuditSearch _log = new(options.AuditPlace, time);
    private readonly ConcurrencyLimiter _all = new(new ConcurrencyLimiterOptions { PermitLimit = Most });
    private readonly PartitionedRateLimiter<string> _ofTenant = PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetConcurrencyLimiter(tenant, static _ => new ConcurrencyLimiterOptions { PermitLimit = MostPerTenant }));

    public async Task<SearchAnswer> RunAsync(TenantVisitor visitor, SearchInput.Asked asked, CancellationToken cancel)
    {
        using var own = _ofTenant.AttemptAcquire(visitor.Tenant);
        using var place = own.IsAcquired ? _all.AttemptAcquire() : own;
        if (!place.IsAcquired)
        {
            return new SearchAnswer.Busy();
        }

        var question = new AuditQuestion(asked.Id, asked.Account, asked.Verdict, asked.Since, asked.Until, visitor.Tenant, asked.Before);
        audit.Append(AuditSearch.Act(time.GetUtcNow(), visitor.By, "search on the tenant page", question));
        try
        {
            // It reads files, and computes: not on the thread of the listener.
            return new SearchAnswer.Done(await Task.Run(() => _log.RunAsync(question, Limit, Longest, cancel), cancel));
        }
        catch (Exception e) when (e is AuditFaultException or IOException or UnauthorizedAccessException)
        {
            log.LogUnreadable(e.Message);
            return new SearchAnswer.Unreadable();
        }
    }

    public void Dispose()
    {
        _all.Dispose();
        _ofTenant.Dispose();
    }
}
