using System.Collections.Immutable;

namespace Passthrough.Decisions.Lockout;

/// <summary>How an account stands, for an operator who wants to know why somebody cannot sign in.</summary>
/// <param name="Classes">Unfamiliar sources, then familiar ones.</param>
/// <param name="Sources">Familiar sources that are remembered.</param>
public sealed record AccountStanding(ImmutableArray<ClassStanding> Classes, int Sources)
{
    /// <summary>As a question at that moment would find it.</summary>
    /// <param name="policy">The one in force there, halved if the journal is down.</param>
    public static AccountStanding Of(AccountState state, AccountKey account, DateTimeOffset now, LockoutPolicy policy)
    {
        var aged = LockoutDecider.Aged(state, account, now, policy);
        return new AccountStanding(
            [ClassStanding.Of(aged.Unfamiliar, now, policy), ClassStanding.Of(aged.Familiar, now, policy)],
            aged.Sources.Count(source => source.IsRemembered(now, policy)));
    }
}

/// <summary>How one class of sources of an account stands.</summary>
/// <param name="Open">Permits that are out.</param>
/// <param name="Left">Permits that would be granted at once; with what may take a slot.</param>
/// <param name="WithSlot">Of those that are out or failed: so many have taken a <see cref="Slot"/>.</param>
/// <param name="LockedUntil">Null: it is not locked.</param>
/// <param name="Locks">In a row.</param>
public sealed record ClassStanding(
    int Failures, int Budget, int Open, int Left, int WithSlot, DateTimeOffset? LockedUntil, int Locks, DateTimeOffset? LastFailedAt)
{
    internal static ClassStanding Of(ClassState aged, DateTimeOffset now, LockoutPolicy policy)
    {
        // After a lock has ended one bind at a time is let through.
        var budget = aged.Failures < policy.Budget ? policy.Budget - aged.Failures : 1;
        var isLocked = aged.LockedFor(now) > TimeSpan.Zero;
        return new ClassStanding(
            aged.Failures, policy.Budget, aged.Open.Length, isLocked ? 0 : Math.Max(0, budget - aged.Open.Length), aged.Slots.Length,
            isLocked ? aged.LockedUntil : null, aged.IsClean ? 0 : aged.Locks, aged.Failures > 0 ? aged.LastFailedAt : null);
    }
}
