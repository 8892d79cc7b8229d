using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Persistence;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>The journal of one shard's ledger: its only persistent actor. Told one thing at a time by the
/// <see cref="LedgerEntity"/> that is its parent. It dies of what fails; the parent goes on and starts another.</summary>
internal sealed class LedgerJournal : ReceivePersistentActor
{
    /// <summary>Events after which a snapshot is taken and what is before it is deleted (some ten milliseconds of replay); if the
    /// ledger has more entries than that, as many as it has, so that snapshots cost no more than events.</summary>
    public const int SnapshotAfter = 500;

    private readonly string _shard;
    private readonly LockoutPolicies _policies;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private LedgerState _state = LedgerState.Empty;
    private long _snapshotAt;
    private bool _isHandingOver;

    public LedgerJournal(string shard, LockoutPolicies policies, TimeProvider clock, ILogger log)
    {
        (_shard, _policies, _clock, _log) = (shard, policies, clock, log);
        Recover<SnapshotOffer>(offer =>
        {
            _state = offer.Snapshot as LedgerState ?? throw Unreadable($"its snapshot {offer.Metadata.SequenceNr}", offer.Snapshot);
            _snapshotAt = offer.Metadata.SequenceNr;
        });
        Recover<IEvent>(Fold);
        Recover<RecoveryCompleted>(_ => Context.Parent.Tell(new Recovered(_state)));
        RecoverAny(what => throw Unreadable($"its event {LastSequenceNr}", what));
        Command<Write>(write =>
        {
            // One batch, one transaction: all of it is stored, or nothing.
            var began = Stopwatch.GetTimestamp();
            PersistAll(write.Events, Fold);
            DeferAsync(write, _ =>
            {
                LockoutMeters.Written(write.Events.Length, began);
                Confirm();
            });
        });
        Command<Handover>(handover => Persist(handover.Opened, opened => TakeOver(opened, handover.Whole)));
        Command<SaveSnapshotSuccess>(saved => Saved(saved.Metadata.SequenceNr));
        Command<SaveSnapshotFailure>(failed => NotSaved(failed.Cause));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failed => _log.CleaningFailed(_shard, failed.Cause));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed => _log.CleaningFailed(_shard, failed.Cause));
    }

    public override string PersistenceId => "lockout-ledger-" + _shard;

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Context.Parent.Tell(new Failed(reason));

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Context.Parent.Tell(new Failed(cause));

    /// <summary>An event that cannot be serialized: as fatal as one that cannot be written.</summary>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => Die(cause);

    private void Fold(IEvent what) => _state = LedgerState.Apply(_state, what);

    private void TakeOver(LedgerOpened opened, LedgerState? whole)
    {
        Fold(opened);
        if (whole is null)
        {
            Context.Parent.Tell(new HandedOver(_state));
            return;
        }

        (_state, _snapshotAt, _isHandingOver) = (whole, LastSequenceNr, true);
        SaveSnapshot(whole);
    }

    private void Confirm()
    {
        if (LastSequenceNr - _snapshotAt >= Math.Max(SnapshotAfter, _state.Entries.Count))
        {
            _snapshotAt = LastSequenceNr;
            _state = _state.Pruned(_clock.GetUtcNow(), _policies.Now);
            SaveSnapshot(_state);
        }

        Context.Parent.Tell(new Written(_state));
    }

    private void Saved(long sequenceNumber)
    {
        if (_isHandingOver)
        {
            _isHandingOver = false;
            Context.Parent.Tell(new HandedOver(_state));
        }

        // The event that the snapshot ends with stays: the journal then still knows how far its numbers have come.
        DeleteMessages(sequenceNumber - 1);
        DeleteSnapshots(new SnapshotSelectionCriteria(sequenceNumber - 1));
    }

    private void NotSaved(Exception cause)
    {
        if (_isHandingOver)
        {
            Die(cause);
            return;
        }

        _log.SnapshotFailed(_shard, cause);
    }

    private void Die(Exception cause)
    {
        Context.Parent.Tell(new Failed(cause));
        Context.Stop(Self);
    }

    private UnreadableJournalException Unreadable(string which, object what) =>
        new($"{PersistenceId}: {which} {(what as UnreadableEvent)?.Why ?? $"is of type {what.GetType()}"}");

    /// <summary>Everything that is stored, once after the start. Answered with a <see cref="Handover"/>.</summary>
    public sealed record Recovered(LedgerState State) : INoSerializationVerificationNeeded;

    /// <summary>From here on it takes a <see cref="Write"/>.</summary>
    public sealed record HandedOver(LedgerState State) : INoSerializationVerificationNeeded;

    /// <summary>Answered with <see cref="Written"/>; if it cannot be written, with <see cref="Failed"/>.</summary>
    public sealed record Write(ImmutableArray<IEvent> Events) : INoSerializationVerificationNeeded;

    public sealed record Written(LedgerState State) : INoSerializationVerificationNeeded;

    /// <summary>Its last word. What it was writing may be in the journal all the same.</summary>
    public sealed record Failed(Exception Cause) : INoSerializationVerificationNeeded;
}

/// <summary>What the serializer makes of an event or a snapshot that it cannot read, so that the journal can name it.</summary>
internal sealed record UnreadableEvent(string Why);

/// <summary>A journal holds what this release cannot read. Waiting does not help.</summary>
internal sealed class UnreadableJournalException(string message) : Exception(message);
