using Google.Protobuf;
using Passthrough.Agent.Monitoring;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>The parts of an attempt whose time is told.</summary>
internal enum AttemptStep
{
    Lookup,
    Permit,
    Unseal,
    Bind,
}

/// <summary>Collects what those who may know are told of an attempt: who answered, by which route, how long each step took.</summary>
/// <param name="receivedAt">A timestamp of <paramref name="clock"/>.</param>
internal sealed class AttemptDetail(TimeProvider clock, long receivedAt)
{
    private static readonly string[] Names = [.. Enum.GetNames<AttemptStep>().Select(name => name.ToLowerInvariant())];

    private readonly AnswerDetail _detail = new() { QueueUs = Microseconds(clock.GetElapsedTime(receivedAt)) };

    public TimeSpan Elapsed => clock.GetElapsedTime(receivedAt);

    /// <summary>Empty as long as none was asked.</summary>
    public string DomainController => _detail.DomainController;

    public async Task<T> TimeAsync<T>(AttemptStep step, Func<Task<T>> call)
    {
        var began = clock.GetTimestamp();
        using var span = Tracing.Step(Names[(int)step]);
        try
        {
            return await call();
        }
        finally
        {
            Record(step, clock.GetElapsedTime(began));
        }
    }

    public void Record(AttemptStep step, TimeSpan took)
    {
        var microseconds = Microseconds(took);
        lock (_detail)
        {
            switch (step)
            {
                case AttemptStep.Lookup:
                    _detail.LookupUs = microseconds;
                    break;
                case AttemptStep.Permit:
                    _detail.PermitUs = microseconds;
                    break;
                case AttemptStep.Unseal:
                    _detail.UnsealUs = microseconds;
                    break;
                case AttemptStep.Bind:
                    _detail.BindUs = microseconds;
                    break;
            }
        }
    }

    /// <param name="rule">See <see cref="AttemptRoute.Rule"/>.</param>
    public void Routed(string rule)
    {
        lock (_detail)
        {
            _detail.Route = rule;
        }
    }

    public void Found(LookupReply.Found found)
    {
        lock (_detail)
        {
            _detail.Account = ByteString.CopyFrom(found.Account.ObjectGuid.ToByteArray());
        }
    }

    public void Locked(LockNotice notice)
    {
        lock (_detail)
        {
            _detail.Lock = new AccountLock
            {
                FamiliarMs = Milliseconds(notice.Familiar),
                UnfamiliarMs = Milliseconds(notice.Unfamiliar),
                FamiliarSources = { notice.FamiliarSources },
            };
        }
    }

    public void Bound(BindReply reply, ulong permit)
    {
        lock (_detail)
        {
            _detail.DomainController = reply.DomainController;
            _detail.PermitNumber = reply.MayHaveBeenSent ? permit : 0;
        }
    }

    /// <summary>As it stands: a step that comes to its end after the answer changes nothing of what was told.</summary>
    public AnswerDetail Write()
    {
        lock (_detail)
        {
            var written = _detail.Clone();
            written.TotalUs = Microseconds(Elapsed);
            return written;
        }
    }

    private static uint Milliseconds(TimeSpan time) => (uint)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, uint.MaxValue);

    private static uint Microseconds(TimeSpan time) => (uint)Math.Clamp(time.TotalMicroseconds, 0, uint.MaxValue);
}
