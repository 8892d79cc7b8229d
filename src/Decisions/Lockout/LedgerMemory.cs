using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>What the ledger of one shard has counted, whether or not its journal has it yet: how a ledger goes on when the
/// journal is down, and how the journal catches up when it is back.</summary>
/// <remarks>
/// A ledger is <em>open</em> once it knows that its <see cref="LedgerOpened"/> is in the journal: from then on whoever else
/// writes must have written one of his own first, and <see cref="State"/> is complete. So whatever of it a failed write may have
/// left in the journal, the journal is put right by writing the whole state over it. Before, others may still have written, and
/// what is counted is kept fact by fact, to be added to whatever the journal turns out to hold.
/// </remarks>
public sealed record LedgerMemory
{
    /// <summary>Facts that are kept while the journal has not been opened: some 400 KB a shard.</summary>
    public const int MaxPending = 2_000;

    /// <summary>How long a journal must have been silent before a ledger goes on that has never read it. Longer than a database takes
    /// to restart: until then what the last owner of the shard counted may still be learnt, and a question waits or goes to the
    /// slots.</summary>
    public static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(10);

    private LedgerMemory(DateTimeOffset openedAt) => OpenedAt = openedAt;

    /// <summary>When it began to serve. Names it among all ledgers that ever served this shard.</summary>
    public DateTimeOffset OpenedAt { get; }

    public LedgerState State { get; private init; } = LedgerState.Empty;

    public Attendance Attendance { get; init; } = Attendance.Of(LedgerState.Empty, default);

    /// <summary>Facts that were counted in memory since the journal had everything.</summary>
    public int Unstored { get; private init; }

    private bool IsOpen { get; init; }

    private bool IsRead { get; init; }

    private bool IsHandingOver { get; init; }

    /// <summary>Which ledger had opened the journal when it was read.</summary>
    private DateTimeOffset? OpenedBefore { get; init; }

    /// <summary>Counted, and in nothing that the journal is known to have or that is being handed over, but for the first
    /// <see cref="Handed"/>.</summary>
    private ImmutableList<IFact> Pending { get; init; } = [];

    private int Handed { get; init; }

    /// <summary>Of a ledger that has not read its journal.</summary>
    public static LedgerMemory Starting(DateTimeOffset now) => new(now);

    /// <summary>Whether it may count in memory while its journal does not answer. One that has read it knows what the last owner
    /// counted, and people should not wait; one that has not would let everybody in as clean.</summary>
    /// <param name="silence">For how long the journal has not been reached.</param>
    /// <param name="patience"><see cref="ReadPatience"/>.</param>
    public bool MayGoOnInMemory(TimeSpan silence, TimeSpan patience) => IsRead || silence >= patience;

    /// <summary>Takes in what the journal holds. Null if another ledger has opened the journal since: this one must stop, and
    /// its memory is worthless.</summary>
    public LedgerMemory? Read(LedgerState journal, DateTimeOffset now)
    {
        if (journal.OpenedAt == OpenedAt)
        {
            // Nobody else wrote since this state was made, whatever is there of it.
            return this with { IsOpen = true, IsRead = true };
        }

        return IsOpen ? null : this with
        {
            State = Pending.Aggregate(journal, LedgerState.Apply),
            Attendance = IsNews(journal) ? Attendance.Of(journal, now, Attendance) : Attendance,
            IsRead = true,
            OpenedBefore = journal.OpenedAt,
        };
    }

    /// <summary>Whether accounts that are in memory must ask again when the journal was read, because they know less.</summary>
    public bool IsNews(LedgerState journal) => journal.OpenedAt != OpenedAt && (!IsRead || journal.OpenedAt != OpenedBefore);

    /// <summary>What the journal must store for everything to be in it.</summary>
    public (LedgerMemory Next, Handover What) HandOver()
    {
        var opened = new LedgerOpened(OpenedAt);
        var next = this with
        {
            State = LedgerState.Apply(State, opened),
            IsHandingOver = true,
            Handed = Pending.Count,
        };
        return (next, new Handover(opened, Unstored > 0 ? next.State : null));
    }

    /// <summary>The journal has it. What was counted meanwhile is left to be stored.</summary>
    public (LedgerMemory Next, ImmutableArray<IFact> Left) HandedOver()
    {
        ImmutableArray<IFact> left = [.. Pending.Skip(Handed)];
        return (this with { IsOpen = true, IsHandingOver = false, Pending = [], Handed = 0, Unstored = left.Length }, left);
    }

    /// <summary>Nobody knows what the journal has of it.</summary>
    public LedgerMemory NotHandedOver() =>
        this with { IsHandingOver = false, Pending = IsOpen ? [] : Pending, Handed = 0 };

    /// <summary>Counts in memory. Null if there is no room left: it is not counted, and must not be answered.</summary>
    public LedgerMemory? Count(ImmutableArray<IFact> facts)
    {
        var next = this with { State = facts.Aggregate(State, LedgerState.Apply), Unstored = Unstored + facts.Length };
        if (IsOpen && !IsHandingOver)
        {
            return next;
        }

        var pending = Pending.AddRange(facts);
        if (pending.Count > MaxPending && !IsHandingOver)
        {
            // An account that is clean loses at worst that failures which the journal holds are forgiven: no failure is lost.
            pending = pending.RemoveAll(fact => next.State.Find(fact.Account).IsClean);
        }

        return pending.Count <= MaxPending ? next with { Pending = pending } : null;
    }

    /// <summary>The journal has stored what it was handed, and this is what it holds now.</summary>
    public LedgerMemory Stored(LedgerState journal) => this with { State = journal, Unstored = 0 };
}

/// <summary>What puts the journal in order after a start or an outage.</summary>
/// <param name="Opened">Written first: refused if another wrote meanwhile.</param>
/// <param name="Whole">To be stored as a snapshot that ends with <paramref name="Opened"/>; null if the journal has it
/// all.</param>
public sealed record Handover(LedgerOpened Opened, LedgerState? Whole);
