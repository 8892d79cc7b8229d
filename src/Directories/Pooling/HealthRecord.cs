using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Pooling;

/// <summary>How one controller is, for all who work with it.</summary>
/// <param name="whenFailed">Called once for each incident.</param>
internal sealed class HealthRecord(string controller, MonotonicClock clock, TimeProvider time, ILogger log, Action whenFailed)
{
    /// <summary>A time-out that an attempt's own deadline cut short says something about the controller only if it had at
    /// least this long.</summary>
    private static readonly TimeSpan SilenceThatCounts = TimeSpan.FromSeconds(1);

    private static readonly Meter Meter = new("Passthrough.Directories");
    private static readonly Counter<long> Ejections = Meter.CreateCounter<long>(
        "passthrough.directories.ejections", "{ejection}", "Times that a domain controller was taken out of use because it did not answer");

    private readonly Lock _gate = new();
    private DomainControllerHealth _health = DomainControllerHealth.Answered();
    private LatencyAverage _latency;
    private long _answeredAt;
    private TimeSpan? _clockAhead;

    public DomainControllerHealth Current
    {
        get
        {
            lock (_gate)
            {
                return _health;
            }
        }
    }

    /// <summary>All that steering asks, of one moment: health, about how long it takes to answer in microseconds (0 before the first
    /// answer), and the timestamp of the last answer.</summary>
    public (DomainControllerHealth Health, double LatencyMicros, long AnsweredAt) Standing
    {
        get
        {
            lock (_gate)
            {
                return (_health, _latency.Micros, _answeredAt);
            }
        }
    }

    /// <summary>How far this machine's clock was before the controller's when it told its time last, to a second or two; null: it does not
    /// tell.</summary>
    public TimeSpan? ClockAhead
    {
        get
        {
            lock (_gate)
            {
                return _clockAhead;
            }
        }
    }

    /// <param name="now">By the controller's clock; null: it does not tell.</param>
    public DateTimeOffset? Told(DateTimeOffset? now)
    {
        lock (_gate)
        {
            _clockAhead = time.GetUtcNow() - now;
        }

        return now;
    }

    /// <param name="beganAt">Timestamp of the beginning of what was answered.</param>
    public void Answered(long beganAt)
    {
        lock (_gate)
        {
            _answeredAt = time.GetTimestamp();
            _latency = _latency.With(time.GetElapsedTime(beganAt, _answeredAt), clock.Now);
            if (_health.IsHealthy)
            {
                return;
            }

            _health = DomainControllerHealth.Answered();
        }

        log.Answers(controller);
    }

    /// <param name="beganAt">Timestamp of the beginning of what failed.</param>
    public void Failed(LdapException fault, long beganAt)
    {
        if (fault.Fault == LdapFault.TimedOut && time.GetElapsedTime(beganAt) < SilenceThatCounts)
        {
            return;
        }

        var now = clock.Now;
        DomainControllerHealth before, after;
        lock (_gate)
        {
            // It has answered others meanwhile: one lost connection, or this machine is too busy to keep its deadlines.
            if (_answeredAt > beganAt && fault.Fault is (LdapFault.TimedOut or LdapFault.ConnectionLost))
            {
                return;
            }

            (before, after) = (_health, _health.Failed(now));
            if (after == before)
            {
                return;
            }

            _health = after;
        }

        if (before.IsHealthy)
        {
            Ejections.Add(1, new KeyValuePair<string, object?>("domain_controller", controller));
        }

        log.Failed(controller, fault.Message, (after.ProbeAt - now).TotalMilliseconds);
        whenFailed();
    }
}
