using Akka.Actor;
using Passthrough.Decisions.Renewal;

namespace Passthrough.Agent.Lockout;

/// <summary>Keeps a ledger's <see cref="LedgerJournal"/> alive, and knows when it has been silent for too long. Part of the
/// ledger's actor, to which it sends <see cref="JournalIsSlow"/> and Akka's Terminated.</summary>
internal sealed class JournalKeeper(IActorContext ledger, ITimerScheduler timers, TimeSpan patience, JournalHealth health, Func<LedgerJournal> make)
{
    /// <summary>Between two tries to reach a journal that is down, at most.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private IActorRef _journal = ActorRefs.Nobody;
    private int _failures;

    /// <summary>It is expected to say something.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Later, if there is no database yet.</summary>
    public void Start()
    {
        if (!health.IsPrepared)
        {
            StartLater();
            return;
        }

        _journal = ledger.Watch(ledger.ActorOf(Props.CreateBy(new EntityProducer<LedgerJournal>(make))));
        Expect();
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
        var pause = ReconnectDelay.After(_failures++, Random.Shared.NextDouble());
        timers.StartSingleTimer(nameof(TryAgain), TryAgain.Instance, pause < LongestPause ? pause : LongestPause);
    }

    private void Expect()
    {
        IsBusy = true;
        timers.StartSingleTimer(nameof(JournalIsSlow), JournalIsSlow.Instance, patience);
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
