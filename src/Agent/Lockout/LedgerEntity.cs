using System.Diagnostics;
using Akka.Actor;
using Akka.Persistence;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Lockout.LedgerProtocol;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>Keeps what must outlive the accounts of one shard: the only persistent actor of that shard. Recovered once when the
/// shard starts; then it answers from memory and writes for all its accounts, whatever has gathered while the last write was
/// under way in one batch.</summary>
internal sealed class LedgerEntity : ReceivePersistentActor, IWithTimers
{
    /// <summary>Events after which a snapshot is taken and what is before it is deleted: some ten milliseconds of
    /// replay.</summary>
    public const int SnapshotAfter = 500;

    /// <summary>How long a ledger that must stop waits for its accounts to leave. Under Akka's handoff-timeout.</summary>
    public static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(5);

    private readonly string _shard;
    private readonly LockoutPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private LedgerState _state = LedgerState.Empty;
    private Attendance _attendance = Attendance.Of(LedgerState.Empty, default);
    private long _snapshotAt;
    private bool _closing;

    public LedgerEntity(string shard, LockoutPolicy policy, TimeProvider clock, ILogger<LedgerEntity> log)
    {
        (_shard, _policy, _clock, _log) = (shard, policy, clock, log);
        Recover<SnapshotOffer>(offer =>
        {
            _state = (LedgerState)offer.Snapshot;
            _snapshotAt = offer.Metadata.SequenceNr;
        });
        Recover<IEvent>(Fold);
        Recover<RecoveryCompleted>(_ => Open());
        Command<Enter>(enter => Then(account => Admit(enter.Account, account)));
        Command<Store>(store =>
        {
            PersistAllAsync(store.Facts, Fold);
            Then(account => Confirm(store, account));
        });
        Command<Leave>(leave => Then(_ => Dismiss(leave.Account)));
        Command<Retire>(_ => BeginClosing());
        Command<AccountsStay>(_ => Context.Stop(Self));
        Command<SaveSnapshotSuccess>(saved => DeleteBefore(saved.Metadata.SequenceNr));
        Command<SaveSnapshotFailure>(failed => _log.SnapshotFailed(_shard, failed.Cause));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failed => _log.CleaningFailed(_shard, failed.Cause));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed => _log.CleaningFailed(_shard, failed.Cause));
    }

    public override string PersistenceId => "lockout-ledger-" + _shard;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _log.LedgerNotRecovered(_shard, reason);

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        _log.LedgerNotWritten(_shard, sequenceNr, cause);

    /// <summary>An event that cannot be serialized: as fatal as one that cannot be written.</summary>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _log.LedgerNotWritten(_shard, sequenceNr, cause);
        Context.Stop(Self);
    }

    private void Open()
    {
        var now = _clock.GetUtcNow();
        var crashed = _state.IsOpen;
        _attendance = Attendance.Of(_state, now);

        // Before the first question is answered (commands wait while this is written): so it is known that the journal can be
        // written, and one who still believes to own this shard is refused its next write.
        Persist(new LedgerOpened(now), Fold);

        _log.LedgerRecovered(_shard, _state.Entries.Count, crashed, Stopwatch.GetElapsedTime(_startedAt).TotalMilliseconds);
    }

    private void Fold(IEvent what) => _state = LedgerState.Apply(_state, what);

    private void Admit(AccountKey account, IActorRef entity)
    {
        (_attendance, var state) = _attendance.Enter(_state, account, _clock.GetUtcNow(), _policy);
        entity.Tell(new Entered(state));
    }

    private void Confirm(Store store, IActorRef account)
    {
        account.Tell(new Stored(store));
        if (LastSequenceNr - _snapshotAt >= SnapshotAfter)
        {
            _snapshotAt = LastSequenceNr;
            _state = _state.Pruned(_clock.GetUtcNow(), _policy);
            SaveSnapshot(_state);
        }
    }

    private void Dismiss(AccountKey account)
    {
        _attendance = _attendance.Leave(account);
        CloseIfEmpty();
    }

    private void BeginClosing()
    {
        _closing = true;
        Timers.StartSingleTimer(nameof(ClosingPatience), AccountsStay.Instance, ClosingPatience);
        CloseIfEmpty();
    }

    private void CloseIfEmpty()
    {
        if (_closing && _attendance.IsEmpty)
        {
            Persist(_attendance.Close(_clock.GetUtcNow(), _policy), closed =>
            {
                Fold(closed);
                Context.Stop(Self);
            });
        }
    }

    private void DeleteBefore(long snapshotAt)
    {
        // The event that the snapshot ends with stays: the journal then still knows how far its numbers have come.
        DeleteMessages(snapshotAt - 1);
        DeleteSnapshots(new SnapshotSelectionCriteria(snapshotAt - 1));
    }

    /// <summary>Runs after all that was handed to the journal before is in it, so that nobody is told a state that is
    /// older.</summary>
    private void Then(Action<IActorRef> run)
    {
        var asker = Sender;
        DeferAsync(run, then => then(asker));
    }

    private sealed record AccountsStay
    {
        public static readonly AccountsStay Instance = new();
    }
}
