using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>A shard with its ledger and accounts, as the actors play them: an account decides, has the ledger store, then
/// answers; the ledger does one thing after the other; a crash leaves the journal and nothing else. Each start is on another
/// machine, with its own clock. While the journal is away, the ledger confirms from memory.</summary>
/// <param name="wrong">By how much a clock may be wrong.</param>
/// <param name="slots">Null: none are held back.</param>
/// <param name="decided">Is told each decision, with the state it was made of.</param>
internal sealed class SimulatedNode(
    SimulatedTime time, Random random, SimulatedRules rules, LockoutPolicy policy, TimeSpan wrong, SimulatedSlots? slots,
    Action<AccountState, ICommand, Decision, DateTimeOffset> decided)
{
    private readonly List<IEvent> _journal = [];
    private readonly List<IEvent> _confirmed = [];
    private readonly List<IEvent> _unwritten = [];
    private readonly Dictionary<AccountKey, Account> _accounts = [];
    private readonly Queue<LedgerWork> _work = new();
    private (LedgerState State, int Through) _snapshot = (LedgerState.Empty, 0);
    private LedgerState _ledger = LedgerState.Empty;
    private Attendance _attendance = Attendance.Of(LedgerState.Empty, default);
    private int _incarnation;
    private bool _busy;
    private bool _closing;
    private TimeSpan _clockIs;

    /// <summary>Some of what is asked of it takes longer than an account waits.</summary>
    public bool HasSlowDatabase { get; set; } = true;

    public bool IsUp { get; private set; }

    /// <summary>Everything that was ever stored, or confirmed without a journal; what a snapshot replaced is still in
    /// it.</summary>
    public IReadOnlyList<IEvent> Confirmed => _confirmed;

    /// <summary>What a crash leaves.</summary>
    public IReadOnlyList<IEvent> Journal => _journal;

    public bool HasJournal { get; private set; } = true;

    /// <summary>By the clock of the machine that it is on.</summary>
    public DateTimeOffset Now => time.Now + _clockIs;

    private LockoutPolicy Policy => HasJournal ? policy : rules.WithoutJournal(policy);

    public bool IsClosing => IsUp && _closing;

    /// <summary>It is set, or it drifts.</summary>
    public void TurnClock() => _clockIs = wrong * ((random.NextDouble() * 2) - 1);

    public void LoseJournal() => HasJournal = false;

    public void RegainJournal()
    {
        if (!HasJournal)
        {
            HasJournal = true;
            _journal.AddRange(rules.ForgetsWhatHappenedWithoutJournal ? [] : _unwritten);
            _unwritten.Clear();
            Work();
        }
    }

    /// <summary>Nowhere as long as the journal cannot be read.</summary>
    public void Start()
    {
        if (IsUp || !HasJournal)
        {
            return;
        }

        TurnClock();
        _incarnation++;
        _ledger = _journal.Skip(_snapshot.Through).Aggregate(_snapshot.State, LedgerState.Apply);
        _attendance = rules.Recover(_ledger, Now);
        (IsUp, _busy, _closing) = (true, false, false);
        Put(new LedgerWork([new LedgerOpened(Now)], () => { }));
    }

    public void Deliver(ICommand command, Action<Answer> answer)
    {
        if (!IsUp || _closing)
        {
            return;
        }

        if (!_accounts.TryGetValue(command.Account, out var account))
        {
            _accounts[command.Account] = account = new Account();
            var entering = account;
            Put(new LedgerWork(null, () =>
            {
                (_attendance, var state) = rules.Enter(_attendance, _ledger, command.Account, Now, Policy);
                Send(entering, () =>
                {
                    (entering.State, entering.IsBusy) = (state, false);
                    Count(entering, command.Account);
                    Continue(entering);
                });
            }));
        }

        account.Waiting.Enqueue((command, answer));
        Continue(account);
    }

    /// <summary>Idle, or its shard moves: it leaves in good order.</summary>
    public void Retire(AccountKey key)
    {
        if (_accounts.TryGetValue(key, out var account))
        {
            account.Waiting.Enqueue((new RetireAccount(key), _ => { }));
            Continue(account);
        }
    }

    public void CrashAccount(AccountKey key)
    {
        if (_accounts.Remove(key, out var account))
        {
            account.IsGone = true;
        }
    }

    /// <summary>What is on its way to the journal may still arrive there.</summary>
    /// <returns>Whether something was lost that was confirmed.</returns>
    public bool Crash()
    {
        foreach (var account in _accounts.Values)
        {
            account.IsGone = true;
        }

        foreach (var work in _work.TakeWhile(_ => HasJournal && random.Next(3) > 0))
        {
            Confirm(work.Events ?? []);
        }

        var wasWithout = !HasJournal;
        _unwritten.Clear();

        _accounts.Clear();
        _work.Clear();
        _incarnation++;
        IsUp = false;
        return wasWithout;
    }

    /// <summary>Accounts retire, the ledger closes.</summary>
    public void Leave()
    {
        _closing = true;
        foreach (var key in _accounts.Keys.ToList())
        {
            Retire(key);
        }

        CloseIfEmpty();
    }

    public void TakeSnapshot() => Put(new LedgerWork(null, () =>
    {
        if (_unwritten.Count > 0 || !HasJournal)
        {
            return;
        }

        _ledger = rules.Prune(_ledger, Now, Policy);
        _snapshot = (_ledger, _journal.Count);
    }));

    private void Continue(Account account)
    {
        while (!account.IsBusy && !account.IsGone && account.Waiting.TryDequeue(out var next))
        {
            var (command, answer) = next;
            Decide(account, command, answer);
        }
    }

    private void Decide(Account account, ICommand command, Action<Answer> answer)
    {
        var before = account.State;
        var decision = rules.Decide(before, command, Now, Policy, slots is null || (rules.GrantsWithoutDatabase && !HasJournal) ? null : policy);
        decided(before, command, decision, Now);
        if (decision.Answer is Answer.SlotNeeded needed)
        {
            TakeSlot(account, (AskPermit)command, needed.Class, answer);
            return;
        }

        if (command is AskPermit { SlotUntil: { } until } asked && decision.Answer is not Answer.Granted)
        {
            slots!.Free(command.Account, asked.Permit, SourceClass.Unfamiliar, until);
            slots.Free(command.Account, asked.Permit, SourceClass.Familiar, until);
        }

        var store = command is RetireAccount && rules.ForgetsToStoreWhenRetiring ? [] : decision.ToStore;
        if (!decision.MustStore || store.IsEmpty)
        {
            if (!store.IsEmpty)
            {
                Put(new LedgerWork([.. store], () => { }));
            }

            Conclude(account, command, decision, answer);
            return;
        }

        account.IsBusy = true;
        Put(new LedgerWork([.. store], () => Send(account, () =>
        {
            account.IsBusy = false;
            Conclude(account, command, decision, rules.AnswersBeforeStored ? _ => { } : answer);
            Continue(account);
        })));
        if (rules.AnswersBeforeStored)
        {
            answer(decision.Answer);
        }
    }

    /// <summary>The database answers after a while, whether or not the account is still there.</summary>
    private void TakeSlot(Account account, AskPermit ask, SourceClass of, Action<Answer> answer)
    {
        account.IsBusy = true;
        var until = Now + policy.PermitLifetime;
        if (HasSlowDatabase && (account.Undoing > 0 || random.Next(12) == 0))
        {
            TakeSlotLate(account, ask, of, until, answer);
            return;
        }

        time.In(TimeSpan.FromMilliseconds(random.Next(1, 30)), () =>
        {
            var isTaken = HasJournal && slots!.TryTake(ask.Account, ask.Permit, [of], until, isClaimed: true);
            if (account.IsGone)
            {
                return;
            }

            account.IsBusy = false;
            if (isTaken)
            {
                Decide(account, ask with { SlotUntil = until }, answer);
            }
            else if (Count(account, ask.Account))
            {
                Prepend(account, ask, answer);
            }
            else
            {
                answer(new Answer.TooManyOpen());
            }

            Continue(account);
        });
    }

    /// <summary>The account waits no longer; what the database gives all the same is freed, when that is learnt, and nothing taken before.</summary>
    private void TakeSlotLate(Account account, AskPermit ask, SourceClass of, DateTimeOffset until, Action<Answer> answer)
    {
        if (account.Undoing == 0)
        {
            account.Undoing++;
            time.In(TimeSpan.FromSeconds(random.NextDouble() * 3), () =>
            {
                _ = HasJournal && slots!.TryTake(ask.Account, ask.Permit, [of], until, isClaimed: true);
                time.In(TimeSpan.FromSeconds(2 + random.NextDouble()), () =>
                {
                    slots!.Free(ask.Account, ask.Permit, of, rules.FreesWhatIsTakenLater ? null : until);
                    account.Undoing--;
                });
            });
        }

        time.In(TimeSpan.FromSeconds(2), () =>
        {
            if (!account.IsGone)
            {
                account.IsBusy = false;
                answer(new Answer.TooManyOpen());
                Continue(account);
            }
        });
    }

    /// <summary>False if there is nothing that is not counted.</summary>
    private bool Count(Account account, AccountKey key)
    {
        if (slots is null || !HasJournal)
        {
            return false;
        }

        var (uncounted, forgotten) = Slot.Sort(account.State, slots.Claim(key), Now, Policy);
        foreach (var slot in forgotten)
        {
            slots.Free(key, slot.Permit, slot.Class);
        }

        if (!uncounted.IsEmpty)
        {
            Decide(account, new CountSlots(key, uncounted), _ => { });
        }

        return !uncounted.IsEmpty || !forgotten.IsEmpty;
    }

    private static void Prepend(Account account, ICommand command, Action<Answer> answer)
    {
        (ICommand, Action<Answer>)[] waiting = [(command, answer), .. account.Waiting];
        account.Waiting.Clear();
        foreach (var each in waiting)
        {
            account.Waiting.Enqueue(each);
        }
    }

    private void Conclude(Account account, ICommand command, Decision decision, Action<Answer> answer)
    {
        foreach (var (permit, of) in rules.FreedSlots(account.State, decision.Next))
        {
            slots?.Free(command.Account, permit, of);
        }

        account.State = decision.Next;
        if (command is not RetireAccount)
        {
            answer(decision.Answer);
            return;
        }

        account.IsGone = true;
        _accounts.Remove(command.Account);
        Put(new LedgerWork(null, () =>
        {
            _attendance = _attendance.Leave(command.Account);
            CloseIfEmpty();
        }));

        // Sharding holds back what came meanwhile and gives it to the next incarnation.
        foreach (var (waiting, to) in account.Waiting)
        {
            Deliver(waiting, to);
        }
    }

    private void CloseIfEmpty()
    {
        if (_closing && _attendance.IsEmpty)
        {
            Put(new LedgerWork([rules.Close(_attendance, Now, Policy)], () => IsUp = false));
        }
    }

    private void Put(LedgerWork work)
    {
        _work.Enqueue(work);
        Work();
    }

    private void Work()
    {
        while (!_busy && _work.TryPeek(out var work))
        {
            if (work.Events is null)
            {
                _work.Dequeue();
                work.Then();
                continue;
            }

            _busy = true;
            var incarnation = _incarnation;
            time.In(TimeSpan.FromMilliseconds(random.Next(1, 40)), () =>
            {
                if (incarnation != _incarnation)
                {
                    return;
                }

                _work.Dequeue();
                _busy = false;
                Confirm(work.Events);
                _ledger = work.Events.Aggregate(_ledger, LedgerState.Apply);
                work.Then();
                Work();
            });
        }
    }

    private void Confirm(IReadOnlyList<IEvent> events)
    {
        (HasJournal ? _journal : _unwritten).AddRange(events);
        _confirmed.AddRange(events);
    }

    /// <summary>From the ledger to an account, which may be gone by then.</summary>
    private void Send(Account account, Action what) => time.In(TimeSpan.FromMilliseconds(random.Next(0, 5)), () =>
    {
        if (!account.IsGone)
        {
            what();
        }
    });

    private sealed record LedgerWork(IReadOnlyList<IEvent>? Events, Action Then);

    private sealed class Account
    {
        public AccountState State { get; set; } = AccountState.Clean;

        /// <summary>Enters, or has something stored.</summary>
        public bool IsBusy { get; set; } = true;

        public bool IsGone { get; set; }

        /// <summary>Slots taken too late that are not free again.</summary>
        public int Undoing { get; set; }

        public Queue<(ICommand Command, Action<Answer> Answer)> Waiting { get; } = new();
    }
}
