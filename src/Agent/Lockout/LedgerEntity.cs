using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Lockout.LedgerProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>Keeps what must outlive the accounts of one shard. Answers from memory, and has its <see cref="LedgerJournal"/> write
/// for all accounts, whatever has gathered while the last write was under way in one batch. While the journal is down it counts
/// in memory and says so with every answer (<see cref="LedgerMemory"/> is the rule).</summary>
internal sealed partial class LedgerEntity : ReceiveActor, IWithTimers
{
    private readonly string _shard;
    private readonly LockoutPolicies _policies;
    private readonly TimeProvider _clock;
    private readonly JournalHealth _health;
    private readonly ILogger _log;
    private readonly TimeSpan _patience;
    private readonly Dictionary<AccountKey, IActorRef> _accounts = [];

    /// <summary>Who asked last to enter, and waits.</summary>
    private readonly Dictionary<AccountKey, IActorRef> _entering = [];
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private ImmutableArray<(Store Store, IActorRef From)> _handed = [];
    private Queue<(IForLedger Message, IActorRef From)> _waiting = new();
    private LedgerMemory _memory;
    private JournalKeeper _journal = null!; // From the start of the actor on.
    private bool _isVolatile, _isClosing;

    /// <param name="patience">With a journal that does not answer, if not <see cref="JournalHealth.Patience"/>.</param>
    public LedgerEntity(
        string shard, LockoutPolicies policies, TimeProvider clock, JournalHealth health, ILogger log, TimeSpan? patience = null)
    {
        (_shard, _policies, _clock, _health, _log) = (shard, policies, clock, health, log);
        _patience = patience ?? health.Patience;
        _memory = LedgerMemory.Starting(clock.GetUtcNow());
        Receive<IForLedger>(message =>
        {
            if (message is Enter)
            {
                _entering[message.Account] = Sender;
            }

            _waiting.Enqueue((message, Sender));
            Work();
        });
        Receive<LedgerJournal.Recovered>(recovered => TakeIn(recovered.State));
        Receive<LedgerJournal.HandedOver>(_ => GoOn());
        Receive<LedgerJournal.Written>(written => Confirm(written.State));
        Receive<LedgerJournal.Failed>(failed => CountInMemory(failed.Cause));
        Receive<JournalKeeper.JournalIsSlow>(_ => CountInMemory(new TimeoutException("it does not answer")));
        Receive<Terminated>(_ => StartJournalLater());
        Receive<JournalKeeper.TryAgain>(_ => StartJournal());
        Receive<AskTrouble>(_ => Sender.Tell(new Trouble(_memory.State, _memory.Unstored, _isVolatile)));
        Receive<Retire>(_ => BeginClosing());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        LockoutMeters.ShardStarted();
        _journal = new JournalKeeper(Context, Timers, _shard, _patience, _health, () => new LedgerJournal(_shard, _policies, _clock, _log));
        StartJournal();
    }

    protected override void PostStop() => _health.Gone(_shard, _memory.Unstored);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void TakeIn(LedgerState journal)
    {
        _health.Answered();
        var isNews = _memory.IsNews(journal);
        if (_memory.Read(journal, _clock.GetUtcNow()) is not { } read)
        {
            _log.AnotherLedgerWrites(_shard);
            Context.Stop(Self);
            return;
        }

        if (isNews)
        {
            _log.LedgerRecovered(
                _shard, journal.Entries.Count, journal.IsOpen, Stopwatch.GetElapsedTime(_startedAt).TotalMilliseconds);
            TellAll(EnterAgain.Instance);
        }

        _memory = read;
        HandOver();
    }

    private void HandOver()
    {
        (_memory, var handover) = _memory.HandOver();
        _journal.Tell(handover);
    }

    /// <summary>The journal has everything that was counted until it was handed over.</summary>
    private void GoOn()
    {
        if (_isVolatile)
        {
            _health.Back(_shard, _memory.Unstored);
            TellAll(JournalIsBack.Instance);
        }

        (_memory, var left) = _memory.HandedOver();
        _health.Holds(_shard, left.Length);
        _isVolatile = false;
        _journal.HasAnswered();
        if (!left.IsEmpty)
        {
            _journal.Tell(new LedgerJournal.Write([.. left]));
        }

        Work();
    }

    private void Work()
    {
        while (_waiting.TryPeek(out var next))
        {
            // Nobody is told a state that is older than what is being stored.
            if (_journal.IsBusy && !_isVolatile)
            {
                return;
            }

            if (next.Message is Store && !_isVolatile)
            {
                WriteBatch();
                return;
            }

            _waiting.Dequeue();
            Serve(next.Message, next.From);
        }

        CloseIfEmpty();
    }

    private void Serve(IForLedger message, IActorRef from)
    {
        switch (message)
        {
            case Enter enter when !from.Equals(_entering.GetValueOrDefault(enter.Account)):
                break; // It gave up waiting and began anew: it has not been in memory.
            case Enter enter:
                _entering.Remove(enter.Account);
                (var attendance, var state) = _memory.Attendance.Enter(_memory.State, enter.Account, _clock.GetUtcNow(), _policies.Now);
                _memory = _memory with { Attendance = attendance };
                _accounts[enter.Account] = from;
                from.Tell(new Entered(state, _isVolatile));
                break;
            case Leave leave:
                _memory = _memory with { Attendance = _memory.Attendance.Leave(leave.Account) };
                _accounts.Remove(leave.Account);
                break;
            case Store store when _memory.Count(store.Facts) is { } counted:
                _memory = counted;
                _health.Holds(_shard, _memory.Unstored);
                from.Tell(new Stored(store, IsVolatile: true));
                break;
        }
    }

    private void WriteBatch()
    {
        _handed = [.. from item in _waiting where item.Message is Store select ((Store)item.Message, item.From)];
        _waiting = new(_waiting.Where(item => item.Message is not Store));
        _journal.Tell(new LedgerJournal.Write([.. _handed.SelectMany(item => item.Store.Facts)]));
    }

    private void Confirm(LedgerState journal)
    {
        if (_isVolatile)
        {
            // Late: more was counted meanwhile.
            HandOver();
            return;
        }

        if (!journal.IsOpen) // Closed.
        {
            Context.Stop(Self);
            return;
        }

        if (_memory.Unstored > 0)
        {
            _health.Holds(_shard, 0);
        }

        _memory = _memory.Stored(journal);
        foreach (var (store, from) in _handed)
        {
            from.Tell(new Stored(store, IsVolatile: false));
        }

        _handed = [];
        _journal.HasAnswered();
        Work();
    }

    private void TellAll(object what)
    {
        foreach (var account in _accounts.Values)
        {
            account.Tell(what);
        }
    }
}
