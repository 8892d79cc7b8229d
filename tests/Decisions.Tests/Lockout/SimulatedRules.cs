using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>The rule as the simulation calls it, so that a fault can be planted in each part.</summary>
internal sealed record SimulatedRules
{
    public Func<AccountState, ICommand, DateTimeOffset, LockoutPolicy, LockoutPolicy?, Decision> Decide { get; init; } =
        (state, command, now, policy, slots) => LockoutDecider.Decide(state, command, now, policy, slots: slots);

    public Func<AccountState, AccountState, IEnumerable<(ulong Permit, SourceClass Class)>> FreedSlots { get; init; } = (before, after) => Slot.Freed(before, after);

    /// <summary>Of the two classes those that an interim permit takes a slot of.</summary>
    public SourceClass[] InterimClasses { get; init; } = [SourceClass.Unfamiliar, SourceClass.Familiar];

    /// <summary>How many slots the database gives out of so many that are held back.</summary>
    public Func<int, int> SlotsOf { get; init; } = heldBack => heldBack;

    /// <summary>A fault of the database: a worker gives back what the owner has counted.</summary>
    public bool GivesBackWhatIsCounted { get; init; }

    /// <summary>A fault of the worker: it tells the owner of a success under a permit whose grant the owner did not see.</summary>
    public bool TellsOfInterimSuccesses { get; init; }

    /// <summary>A fault of the worker: it frees the slot of a bind that failed.</summary>
    public bool FreesFailedSlots { get; init; }

    /// <summary>A fault of the owner: it grants what is held back while the database, which cannot be asked, may give it to others later.</summary>
    public bool GrantsWithoutDatabase { get; init; }

    public Func<Attendance, LedgerState, AccountKey, DateTimeOffset, LockoutPolicy, (Attendance, AccountState)> Enter { get; init; } =
        (attendance, ledger, account, now, policy) => attendance.Enter(ledger, account, now, policy);

    public Func<LedgerState, DateTimeOffset, Attendance> Recover { get; init; } = Attendance.Of;

    public Func<Attendance, DateTimeOffset, LockoutPolicy, LedgerClosed> Close { get; init; } =
        (attendance, now, policy) => attendance.Close(now, policy);

    public Func<LedgerState, DateTimeOffset, LockoutPolicy, LedgerState> Prune { get; init; } =
        (ledger, now, policy) => ledger.Pruned(now, policy);

    /// <summary>The policy for as long as the journal cannot be written.</summary>
    public Func<LockoutPolicy, LockoutPolicy> WithoutJournal { get; init; } = policy => policy.Halved();

    /// <summary>From a spelling of a person's name to the account: here, the forest's name as somebody typed it.</summary>
    public Func<string, Guid, AccountKey> Resolve { get; init; } = (forest, objectGuid) => new AccountKey(forest, objectGuid);

    /// <summary>A fault of the shell: it answers while the facts are on their way to the journal.</summary>
    public bool AnswersBeforeStored { get; init; }

    /// <summary>A fault of the shell: a slot that was taken too late is freed by its permit, whoever took it meanwhile.</summary>
    public bool FreesWhatIsTakenLater { get; init; }

    /// <summary>A fault of the worker: it binds with a permit that has expired.</summary>
    public bool BindsLate { get; init; }

    /// <summary>A fault of the shell: an account that retires does not have stored what is open.</summary>
    public bool ForgetsToStoreWhenRetiring { get; init; }

    /// <summary>A fault of the shell: what was counted while the journal was away is not stored when it is back.</summary>
    public bool ForgetsWhatHappenedWithoutJournal { get; init; }
}
