using Akka.Actor;
using Passthrough.Decisions.Renewal;

namespace Passthrough.Agent.Lockout;

/// <summary>Keeps a ledger's <see cref="LedgerJournal"/> alive, and knows when it has been silent for too long. Part of the
/// ledger's actor, to which it sends <see cref="JournalIsSlow"/> and Akka's Terminated.</summary>
internal sealed class JournalKeeper(
    IActorContext ledger, ITimerScheduler timers, string shard, TimeSpan patience, JournalHealth health, Func<LedgerJournal> make)
{
    /// <summary>Between two tries to reach a journal that is down, at most.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private IActorRef _journal = ActorRefs.Nobody;
    private int _failures;

    /// <summary>It is expected to say something, or to be started.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>False: later, for there is no database yet, or another ledger is trying to reach it.</summary>
    public bool Start()
    {
        if (!health.IsPrepared || !health.MayTry(shard))
        {
            StartLater();
            return false;
        }

        _journal = ledger.Watch(ledger.ActorOf(Props.CreateBy(new EntityProducer<LedgerJournal>(make))));
        Expect();
        return true;
    }

    public void Tell(object what)
    {
        _journal.Tell(what);
        Expect();
    }

    /// <summary>It said what was expected.</summary>
    public void HasAnswered()
    {
        (IsBusy, _failures) = (false, 0);
        timers.Cancel(nameof(JournalIsSlow));
    }

    /// <summary>It died: sends <see cref="TryAgain"/> after a while.</summary>
    public void StartLater()
    {
        IsBusy = true;
        var pause = ReconnectDelay.After(_failures++, Random.Shared.NextDouble());
        timers.StartSingleTimer(nameof(TryAgain), TryAgain.Instance, pause < LongestPause ? pause : LongestPause);
    }

    /// <summary>Sends <see cref="JournalIsSlow"/> after this time, unless it says something before.</summary>
    public void ExpectFor(TimeSpan time) => timers.StartSingleTimer(nameof(JournalIsSlow), JournalIsSlow.Instance, time);

    private void Expect()
    {
        IsBusy = true;
        ExpectFor(patience);
    }

    public sealed record JournalIsSlow
    {
        public static readonly JournalIsSlow Instance = new();
    }

    public sealed record TryAgain
    {
        public static readonly TryAgain Instance = new();
    }
}
