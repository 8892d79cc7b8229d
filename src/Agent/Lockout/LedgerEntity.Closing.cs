using Akka.Actor;

namespace Passthrough.Agent.Lockout;

/// <content>How it stops in good order.</content>
internal sealed partial class LedgerEntity
{
    /// <summary>How long a ledger that must stop waits for its accounts to leave. Under Akka's handoff-timeout.</summary>
    public static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(5);

    private void BeginClosing()
    {
        if (!_isClosing)
        {
            LockoutMeters.ShardHandedOff();
        }

        _isClosing = true;
        Timers.StartSingleTimer(nameof(ClosingPatience), PoisonPill.Instance, ClosingPatience);
        CloseIfEmpty();
    }

    private void CloseIfEmpty()
    {
        if (_isClosing && !_journal.IsBusy && !_isVolatile && _memory.Attendance.IsEmpty)
        {
            _journal.Tell(new LedgerJournal.Write([_memory.Attendance.Close(_clock.GetUtcNow(), _policies.Now)]));
        }
    }
}
