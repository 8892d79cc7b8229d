using System.Collections.Immutable;

namespace Passthrough.Decisions.Lockout;

/// <summary>One of the last charges of the budget of a class, which are given out by the journal's database and by nobody else, each to
/// one permit: whoever cannot reach an account's owner takes a permit there (an interim permit), and the owner takes there what it
/// grants of them. So the two together never grant more than the budget, whoever is cut off from whom. An interim permit takes one
/// of each class, because who takes it cannot tell which class the source is of.</summary>
/// <param name="ExpiresAt">No bind is sent under the permit later; by the clock of the node that took it.</param>
public sealed record Slot(AccountKey Account, ulong Permit, SourceClass Class, DateTimeOffset ExpiresAt)
{
    /// <summary>What it stands for is older than it is remembered, and nothing came after it that is still remembered: it may be taken
    /// again.</summary>
    public bool IsForgotten(AccountState state, DateTimeOffset now, LockoutPolicy policy) =>
        state[Class].IsClean && ExpiresAt + policy.FailureMemory <= now;

    /// <summary>Of the slots that are taken for an account: those that it does not count yet, and those that may be taken
    /// again.</summary>
    public static (ImmutableArray<Slot> Uncounted, ImmutableArray<Slot> Forgotten) Sort(
        AccountState state, IEnumerable<Slot> taken, DateTimeOffset now, LockoutPolicy policy)
    {
        var byAge = taken.Where(slot => !state[slot.Class].Slots.Contains(slot.Permit)).ToLookup(slot => slot.IsForgotten(state, now, policy));
        return ([.. byAge[false]], [.. byAge[true]]);
    }

    /// <summary>How many slots a class lacks that was counted where there are none: its failures and open permits that reach into what is
    /// held back.</summary>
    public static int Missing(ClassState state, LockoutPolicy policy) => Math.Max(
        0, Math.Clamp(state.Failures + state.Open.Length - (policy.Budget - policy.HeldBack()), 0, policy.HeldBack()) - state.Slots.Length);

    /// <summary>What an account no longer needs after a decision, because what it stood for is forgiven or was given back.</summary>
    public static ImmutableArray<(ulong Permit, SourceClass Class)> Freed(AccountState before, AccountState after) =>
        before.Unfamiliar.Slots.IsEmpty && before.Familiar.Slots.IsEmpty
            ? []
            : [.. Freed(SourceClass.Unfamiliar, before, after), .. Freed(SourceClass.Familiar, before, after)];

    private static IEnumerable<(ulong, SourceClass)> Freed(SourceClass of, AccountState before, AccountState after) =>
        before[of].Slots.Except(after[of].Slots).Select(permit => (permit, of));
}
