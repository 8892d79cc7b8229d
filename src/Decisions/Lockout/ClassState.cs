using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>A permit that is out.</summary>
/// <param name="GrantedAfter">The number of the last failure that had been counted when it was granted: what its success
/// forgives.</param>
/// <param name="Source">Where the sign-in comes from.</param>
/// <param name="Agent">Who asked for it.</param>
public sealed record Charge(
    ulong Permit, AttemptId Attempt, DateTimeOffset ExpiresAt, int GrantedAfter, ClientSource Source, string Agent);

/// <summary>What is known of one class of sources of one account.</summary>
public sealed record ClassState
{
    public static readonly ClassState Clean = new();

    /// <summary>Permits that are out, oldest first.</summary>
    public ImmutableArray<Charge> Open { get; init; } = [];

    /// <summary>Permits that have taken a <see cref="Slot"/> which is still needed: out, or failed and not forgiven.</summary>
    public ImmutableArray<ulong> Slots { get; init; } = [];

    /// <summary>The number of the last failure; they are numbered from 1.</summary>
    public int Failed { get; init; }

    /// <summary>The failures up to this number are forgiven.</summary>
    public int Forgiven { get; init; }

    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>Locks in a row, without a success between them: each is twice as long as the one before.</summary>
    public int Locks { get; init; }

    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>Whether the ledger holds what is here. If so, all of it is stored; if not, none is.</summary>
    public bool IsWritten { get; init; }

    public int Failures => Failed - Forgiven;

    public bool IsClean => Failures == 0 && Open.IsEmpty;

    public Charge? Find(ulong permit)
    {
        foreach (var charge in Open)
        {
            if (charge.Permit == permit)
            {
                return charge;
            }
        }

        return null;
    }

    /// <summary>Until the lock ends; zero if there is none.</summary>
    public TimeSpan LockedFor(DateTimeOffset now) => LockedUntil is { } until && until > now ? until - now : TimeSpan.Zero;

    /// <summary>Whether all that is here is older than it is remembered at <paramref name="now"/>. A charge that is past its
    /// lifetime is a failure of that instant.</summary>
    public bool IsForgotten(DateTimeOffset now, LockoutPolicy policy) =>
        Open.All(charge => charge.ExpiresAt + policy.FailureMemory <= now)
        && (LastFailedAt is not { } failed || failed + policy.FailureMemory <= now)
        && (LockedUntil is not { } until || until + policy.FailureMemory <= now);

    /// <summary>As it is assumed to be when a permit may have been granted that nobody remembers.</summary>
    public static ClassState Assumed(DateTimeOffset expiresAt) => Clean with
    {
        Open = [new Charge(AssumedPermit, default, expiresAt, GrantedAfter: 0, ClientSource.Nowhere, "")],
    };

    /// <summary>Folds one fact. Total: a fact that names what is not there changes nothing that it does not name.</summary>
    public static ClassState Apply(ClassState state, IFact fact) => Tidy(fact switch
    {
        ChargeOpened e when state.Find(e.Permit) is null => state with
        {
            Open = state.Open.Add(new Charge(e.Permit, e.Attempt, e.ExpiresAt, state.Failed, e.Source, e.Agent)),
            Slots = e.HasSlot ? state.Slots.Add(e.Permit) : state.Slots,
        },
        ChargeFailed e => Without(state, e.Permit) with
        {
            Failed = state.Failed + 1,
            LastFailedAt = e.At,
            LockedUntil = state.LockedUntil > e.LockedUntil ? state.LockedUntil : e.LockedUntil ?? state.LockedUntil,

            // What fails while a lock lasts was under way before it: still the same lock.
            Locks = e.LockedUntil is null || state.LockedUntil > e.At ? state.Locks : state.Locks + 1,
        },
        ChargeRefunded e => WithoutSlot(Without(state, e.Permit), e.Permit),
        SignInSucceeded e when state.Find(e.Permit) is { } charge => WithoutSlot(Without(state, e.Permit), e.Permit) with
        {
            Forgiven = Math.Max(state.Forgiven, charge.GrantedAfter),
            Locks = 0,
        },
        FailuresForgotten => state with { Forgiven = state.Failed },
        AccountUnlocked => Clean with { IsWritten = state.IsWritten },
        _ => state,
    });

    private static ClassState Without(ClassState state, ulong permit) =>
        state with { Open = state.Open.RemoveAll(charge => charge.Permit == permit) };

    private static ClassState WithoutSlot(ClassState state, ulong permit) => state with { Slots = state.Slots.Remove(permit) };

    private static ClassState Tidy(ClassState state) =>
        state.IsClean ? (state.IsWritten ? Clean with { IsWritten = true } : Clean)
        : state.Failures == 0 ? state with { LockedUntil = null, LastFailedAt = null, Locks = 0 }
        : state;
}
