using System.Security.Cryptography;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Lockout.LedgerProtocol;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>The one actor in the cluster that counts the attempts on one account. Asks the rule, has the ledger store what must
/// be stored, then answers. Knows no rule of its own. One for a name that leads to no account does the same without a ledger:
/// what it counts lives as long as it is asked.</summary>
internal sealed partial class AccountEntity : ReceiveActor, IWithStash, IWithTimers
{
    /// <summary>An account that nobody asked for this long leaves memory.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);

    /// <summary>Names that lead nowhere can be invented by the million: what nobody asks for is gone soon.</summary>
    public static readonly TimeSpan UnknownIdleTime = TimeSpan.FromSeconds(20);

    /// <summary>A ledger that does not answer for this long is not there: the account starts anew at the next question. Longer than
    /// a ledger waits for its journal (<see cref="LedgerMemory.ReadPatience"/>).</summary>
    public static readonly TimeSpan LedgerPatience = TimeSpan.FromSeconds(20);

    /// <summary>Questions that wait while one is being stored. More would not be answered in time anyway.</summary>
    public const int MaxWaiting = 256;

    private readonly AccountKey _account;
    private readonly IActorRef _region;
    private readonly LockoutPolicies _policies;
    private readonly MemoryGrants _grants;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly DigestKey _key = DigestKey.Of(RandomNumberGenerator.GetBytes(DigestKey.Size));
    private AccountState _state = AccountState.Clean;
    private RepeatedPasswords _repeated = RepeatedPasswords.None;
    private IActorRef _ledger = ActorRefs.Nobody;
    private bool _isVolatile;

    public AccountEntity(
        AccountKey account, IActorRef region, LockoutPolicies policies, MemoryGrants grants, TimeProvider clock, ILogger<AccountEntity> log,
        Escrow? escrow = null)
    {
        (_account, _region, _policies, _grants, _clock, _log) = (account, region, policies, grants, clock, log);
        _slots = account.IsKnown && escrow is not null ? new AccountSlots(account, escrow, policies, clock, Self) : null;
        if (account.IsKnown)
        {
            Entering();
        }
        else
        {
            Serving();
        }
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Also after a restart: what was in memory is gone, and the ledger assumes what that may have been.</summary>
    protected override void PreStart()
    {
        Context.SetReceiveTimeout(_account.IsKnown ? IdleTime : UnknownIdleTime);
        if (_account.IsKnown)
        {
            _region.Tell(new Enter(_account));
        }
    }

    private void Entering()
    {
        Timers.StartSingleTimer(nameof(LedgerPatience), LedgerSilent.Instance, LedgerPatience);
        Receive<Entered>(entered =>
        {
            (_state, _ledger, _isVolatile) = (entered.State, Sender, entered.IsVolatile);
            Context.Watch(_ledger);
            if (_slots?.AskWhatIsTaken(_ledger) != true)
            {
                Serve();
            }
        });
        Receive<AccountSlots.Taken>(taken => Count(_slots!.Count(_state, taken.Slots)));
        Receive<Retire>(_ => Depart(_region));
        Receive<LedgerSilent>(_ => Context.Stop(Self));
        Receive<ReceiveTimeout>(_ => { });
        ReceiveAny(Wait);
    }

    private void Serving()
    {
        Receive<ICommand>(command => Handle(command, Sender));
        Receive<Operator.OperatorProtocol.AskStanding>(_ => TellStanding());
        Receive<Retire>(_ => Handle(new RetireAccount(_account), Sender));
        Receive<ReceiveTimeout>(_ => Context.Parent.Tell(new Passivate(Retire.Instance)));
        Receive<Stored>(stored => _isVolatile = stored.IsVolatile);
        HearOfTheJournal();
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    private void Storing(Store store, Decision decision, IActorRef asker)
    {
        Timers.StartSingleTimer(nameof(LedgerPatience), LedgerSilent.Instance, LedgerPatience);
        Receive<Stored>(stored => ReferenceEquals(stored.What, store), stored =>
        {
            _isVolatile = stored.IsVolatile;
            Conclude(decision, asker);
            Serve();
        });
        Receive<Stored>(_ => { });
        Receive<Terminated>(_ => Context.Stop(Self));
        Receive<LedgerSilent>(_ => Context.Stop(Self));
        HearOfTheJournal();
        ReceiveAny(Wait);
    }

    private LockoutPolicy Policy => _isVolatile ? _policies.Now.Halved() : _policies.Now;

    private void HearOfTheJournal()
    {
        Receive<JournalIsGone>(_ => _isVolatile = true);
        Receive<JournalIsBack>(_ =>
        {
            _isVolatile = false;
            _slots?.FreeAgain();
        });
        Receive<EnterAgain>(_ => Context.Parent.Tell(new Passivate(Retire.Instance)));
    }

    private void Handle(ICommand command, IActorRef asker)
    {
        var now = _clock.GetUtcNow();
        var (repeated, compareFirst) = _repeated.After(command, now);
        Keep(repeated);
        if (!compareFirst.IsEmpty)
        {
            asker.Tell(new Answer.CompareFirst(_key, compareFirst));
            return;
        }

        var isFenced = _account.IsKnown && !_grants.Allowed;
        if (isFenced && _isVolatile && command is AskPermit)
        {
            // Neither the cluster nor the journal says that this account is still this node's. Whoever asks may ask elsewhere.
            return;
        }

        var decision = LockoutDecider.Decide(_state, command, now, Policy, isFenced, _slots?.Policy);
        if (TakesSlot(command, decision, asker))
        {
            return;
        }

        if (decision.ToStore.IsEmpty || !_account.IsKnown)
        {
            Conclude(decision, asker);
            return;
        }

        var store = new Store(_account, decision.ToStore);
        _ledger.Tell(store);
        if (decision.MustStore)
        {
            Become(() => Storing(store, decision, asker));
            return;
        }

        Conclude(decision, asker);
    }

    private void Conclude(Decision decision, IActorRef asker)
    {
        foreach (var fact in decision.Facts)
        {
            LockoutAudit.Tell(_log, _state, fact);
        }

        _slots?.Free(_state, decision.Next);
        _state = decision.Next;
        if (decision.Answer is Answer.Retired)
        {
            Depart(_ledger);
            return;
        }

        if (decision.Answer is Answer.Granted granted)
        {
            // What was to be stored was counted in memory only, because the journal went away in between: as above.
            if (!(_isVolatile && _account.IsKnown && !_grants.Allowed))
            {
                asker.Tell(granted with { Key = _key });
            }

            return;
        }

        asker.Tell(decision.Answer);
    }

    /// <summary>They are of use for their time only if the account stays in memory for it. Names that lead nowhere do not: there
    /// may be any number of them.</summary>
    private void Keep(RepeatedPasswords repeated)
    {
        if (_account.IsKnown && _repeated.IsEmpty && !repeated.IsEmpty)
        {
            Context.SetReceiveTimeout(RepeatedPasswords.Memory);
        }

        _repeated = repeated;
    }

    private void Depart(IActorRef ledger)
    {
        if (_account.IsKnown)
        {
            ledger.Tell(new Leave(_account));
        }

        Context.Stop(Self);
    }

    private void Serve()
    {
        Timers.CancelAll();
        Become(Serving);
        Stash.UnstashAll();
    }

    private void Wait(object message)
    {
        if (Stash.Count < MaxWaiting || message is Retire)
        {
            Stash.Stash();
        }
    }

    private sealed record LedgerSilent
    {
        public static readonly LedgerSilent Instance = new();
    }
}
