namespace Passthrough.Decisions.Renewal;

/// <summary>When a certificate is replaced.</summary>
public static class RenewalSchedule
{
    /// <summary>The instant to renew: half-way through the lifetime, ±10 % of that half, so that agents enrolled in one
    /// batch do not come back in one second.</summary>
    /// <param name="jitter">A draw from [0, 1); passed in so that a test can name it.</param>
    public static DateTimeOffset RenewAt(DateTimeOffset notBefore, DateTimeOffset notAfter, double jitter)
    {
        var half = (notAfter - notBefore) / 2;
        return notBefore + half + (half * 0.1 * ((2 * jitter) - 1));
    }

    /// <summary>How long to wait before the next try after a renewal that failed: a twentieth of what is left, at least a
    /// second, at most ten minutes. So a short life is tried often, and a long outage does not become a storm.</summary>
    public static TimeSpan RetryIn(DateTimeOffset now, DateTimeOffset notAfter)
    {
        var share = (notAfter - now) / 20;
        return share < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1)
            : share > TimeSpan.FromMinutes(10) ? TimeSpan.FromMinutes(10)
            : share;
    }
}
