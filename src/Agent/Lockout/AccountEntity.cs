using Akka.Actor;
using Akka.Cluster.Sharding;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Lockout.LedgerProtocol;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>The one actor in the cluster that counts the attempts on one account. Asks the rule, has the ledger store what must
/// be stored, then answers. Knows no rule of its own.</summary>
internal sealed class AccountEntity : ReceiveActor, IWithStash, IWithTimers
{
    /// <summary>An account that nobody asked for this long leaves memory.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);

    /// <summary>A ledger that does not answer for this long is not there: the account starts anew at the next question.</summary>
    public static readonly TimeSpan LedgerPatience = TimeSpan.FromSeconds(10);

    /// <summary>Questions that wait while one is being stored. More would not be answered in time anyway.</summary>
    public const int MaxWaiting = 256;

    private readonly AccountKey _account;
    private readonly IActorRef _region;
    private readonly LockoutPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private AccountState _state = AccountState.Clean;
    private IActorRef _ledger = ActorRefs.Nobody;
    private bool _isVolatile;

    public AccountEntity(AccountKey account, IActorRef region, LockoutPolicy policy, TimeProvider clock, ILogger<AccountEntity> log)
    {
        (_account, _region, _policy, _clock, _log) = (account, region, policy, clock, log);
        Entering();
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Also after a restart: what was in memory is gone, and the ledger assumes what that may have been.</summary>
    protected override void PreStart() => _region.Tell(new Enter(_account));

    private void Entering()
    {
        Timers.StartSingleTimer(nameof(LedgerPatience), LedgerSilent.Instance, LedgerPatience);
        Receive<Entered>(entered =>
        {
            (_state, _ledger, _isVolatile) = (entered.State, Sender, entered.IsVolatile);
            Context.Watch(_ledger);
            Context.SetReceiveTimeout(IdleTime);
            Serve();
        });
        Receive<Retire>(_ => Depart(_region));
        Receive<LedgerSilent>(_ => Context.Stop(Self));
        ReceiveAny(Wait);
    }

    private void Serving()
    {
        Receive<ICommand>(Handle);
        Receive<Retire>(_ => Handle(new RetireAccount(_account)));
        Receive<ReceiveTimeout>(_ => Context.Parent.Tell(new Passivate(Retire.Instance)));
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
        Receive<Terminated>(_ => Context.Stop(Self));
        Receive<LedgerSilent>(_ => Context.Stop(Self));
        HearOfTheJournal();
        ReceiveAny(Wait);
    }

    private void HearOfTheJournal()
    {
        Receive<JournalIsGone>(_ => _isVolatile = true);
        Receive<JournalIsBack>(_ => _isVolatile = false);
        Receive<EnterAgain>(_ => Context.Parent.Tell(new Passivate(Retire.Instance)));
    }

    private void Handle(ICommand command)
    {
        var decision = LockoutDecider.Decide(_state, command, _clock.GetUtcNow(), _isVolatile ? _policy.Halved() : _policy);
        if (!decision.MustStore)
        {
            Conclude(decision, Sender);
            return;
        }

        var store = new Store(_account, decision.Facts);
        var asker = Sender;
        _ledger.Tell(store);
        Become(() => Storing(store, decision, asker));
    }

    private void Conclude(Decision decision, IActorRef asker)
    {
        _state = decision.Next;
        foreach (var fact in decision.Facts)
        {
            Tell(fact);
        }

        if (decision.Answer is Answer.Retired)
        {
            Depart(_ledger);
            return;
        }

        asker.Tell(decision.Answer);
    }

    private void Depart(IActorRef ledger)
    {
        ledger.Tell(new Leave(_account));
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

    private void Tell(IFact fact)
    {
        switch (fact)
        {
            case ChargeFailed { LockedUntil: { } until }:
                _log.AccountLocked(_account, until);
                break;
            case AccountUnlocked:
                _log.AccountUnlocked(_account);
                break;
        }
    }

    private sealed record LedgerSilent
    {
        public static readonly LedgerSilent Instance = new();
    }
}
