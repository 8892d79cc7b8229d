using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>A permit that is out.</summary>
/// <param name="GrantedAfter">The number of the last failure that had been counted when it was granted: what its success
/// forgives.</param>
public sealed record Charge(ulong Permit, AttemptId Attempt, DateTimeOffset ExpiresAt, int GrantedAfter);

/// <summary>What is known of one account: the fold of its facts.</summary>
public sealed record AccountState
{
    public static readonly AccountState Clean = new();

    /// <summary>Permits that are out, oldest first.</summary>
    public ImmutableArray<Charge> Open { get; init; } = [];

    /// <summary>The number of the last failure; they are numbered from 1.</summary>
    public int Failed { get; init; }

    /// <summary>The failures up to this number are forgiven.</summary>
    public int Forgiven { get; init; }

    public DateTimeOffset? LockedUntil { get; init; }

    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>Whether the ledger holds an entry for the account. If so, all of this state is stored in it; if not, none
    /// is.</summary>
    public bool IsWritten { get; init; }

    public int Failures => Failed - Forgiven;

    public bool IsClean => Failures == 0 && Open.IsEmpty;

    public Charge? Find(ulong permit) => Open.FirstOrDefault(charge => charge.Permit == permit);

    /// <summary>Whether all that this entry says is older than it is remembered at <paramref name="now"/>. A charge that is
    /// past its lifetime is a failure of that instant.</summary>
    public bool IsForgotten(DateTimeOffset now, LockoutPolicy policy) =>
        Open.All(charge => charge.ExpiresAt + policy.FailureMemory <= now)
        && (LastFailedAt is not { } failed || failed + policy.FailureMemory <= now)
        && (LockedUntil is not { } until || until + policy.FailureMemory <= now);

    /// <summary>Folds one fact. Total: a fact that names what is not there changes nothing that it does not name.</summary>
    public static AccountState Apply(AccountState state, IFact fact) => Tidy(fact switch
    {
        ChargeOpened e when state.Find(e.Permit) is null =>
            state with { Open = state.Open.Add(new Charge(e.Permit, e.Attempt, e.ExpiresAt, state.Failed)) },
        ChargeFailed e => Without(state, e.Permit) with
        {
            Failed = state.Failed + 1,
            LastFailedAt = e.At,
            LockedUntil = e.LockedUntil ?? state.LockedUntil,
        },
        ChargeRefunded e => Without(state, e.Permit),
        SignInSucceeded e => Without(state, e.Permit) with
        {
            Forgiven = Math.Max(state.Forgiven, state.Find(e.Permit)?.GrantedAfter ?? 0),
        },
        AccountUnlocked or FailuresForgotten => state with { Forgiven = state.Failed },
        _ => state,
    });

    public static AccountState Apply(AccountState state, IEnumerable<IFact> facts) => facts.Aggregate(state, Apply);

    private static AccountState Without(AccountState state, ulong permit) =>
        state with { Open = state.Open.RemoveAll(charge => charge.Permit == permit) };

    private static AccountState Tidy(AccountState state) =>
        state.IsClean ? Clean with { IsWritten = state.IsWritten }
        : state.Failures == 0 ? state with { LockedUntil = null, LastFailedAt = null }
        : state;
}
