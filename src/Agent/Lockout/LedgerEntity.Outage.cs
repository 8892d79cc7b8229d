using System.Diagnostics;
using static Passthrough.Agent.Lockout.LedgerProtocol;

namespace Passthrough.Agent.Lockout;

/// <content>What it does while its journal does not answer.</content>
internal sealed partial class LedgerEntity
{
    private void StartJournal()
    {
        if (!_journal.Start())
        {
            CountInMemory(new InvalidOperationException("there is no database that answers"));
        }
    }

    private void StartJournalLater()
    {
        _health.Silent(_shard);
        CountInMemory(new InvalidOperationException("its writer stopped"));
        _memory = _memory.NotHandedOver();
        _journal.StartLater();
    }

    private void CountInMemory(Exception cause)
    {
        var silence = TimeSpan.FromTicks(Math.Max(Stopwatch.GetElapsedTime(_startedAt).Ticks, _health.DownFor.Ticks));
        if (cause is UnreadableJournalException)
        {
            // Waiting does not cure it.
            _health.Unreadable(_shard, cause.Message);
        }
        else if (!_memory.MayGoOnInMemory(silence, _health.ReadPatience))
        {
            _journal.ExpectFor(_health.ReadPatience - silence);
            return;
        }

        if (_isVolatile)
        {
            return;
        }

        _isVolatile = true;
        _health.Down(_shard, cause.GetBaseException().Message);
        TellAll(JournalIsGone.Instance);
        foreach (var (store, from) in _handed)
        {
            Serve(store, from);
        }

        _handed = [];
        Work();
    }
}
