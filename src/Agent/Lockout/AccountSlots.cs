using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>The slots of one account. Part of the account's actor, to which it sends what the database answered.</summary>
internal sealed class AccountSlots(AccountKey account, Escrow escrow, LockoutPolicies policies, TimeProvider clock, IActorRef self)
{
    /// <summary>Under the patience of who asks for a permit.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>What is being freed must not be found taken.</summary>
    private Task _freeing = Task.CompletedTask;

    /// <summary>Made when it is needed: there are as many accounts as people.</summary>
    private ConcurrentQueue<(ulong Permit, SourceClass? Class)>? _unfreed;

    /// <summary>The policy by which slots are needed.</summary>
    public LockoutPolicy Policy => policies.Now;

    /// <summary>What was taken when the ledger began to serve. Answered with <see cref="Taken"/>, if there is any or it is not known
    /// yet; true: there will be an answer.</summary>
    public bool AskWhatIsTaken(IActorRef ledger)
    {
        var asked = escrow.TakenAtStartAsync(account, ledger.Path.Uid);
        if (asked is { IsCompletedSuccessfully: true, Result.IsEmpty: true })
        {
            return false;
        }

        asked.AsTask().PipeTo(self, self, slots => new Taken(slots), _ => new Taken([]));
        return true;
    }

    /// <summary>Takes one; answered with <see cref="Answered"/>.</summary>
    public void Take(AskPermit ask, SourceClass of, IActorRef asker) =>
        TakeAsync(ask, of).PipeTo(self, self, answer => answer with { Asker = asker }, _ => new Answered(ask, IsTaken: null, [], asker));

    /// <summary>It was taken, and not granted.</summary>
    public void GiveBack(ulong permit) => Free(permit, of: null);

    /// <summary>What is not needed after a decision.</summary>
    public void Free(AccountState before, AccountState after)
    {
        foreach (var (permit, of) in Slot.Freed(before, after))
        {
            Free(permit, of);
        }
    }

    /// <summary>What the account is to be told of those; those that are forgotten are freed.</summary>
    /// <returns>Null: it knows of them all.</returns>
    public CountSlots? Count(AccountState state, ImmutableArray<Slot> taken)
    {
        var (uncounted, forgotten) = Slot.Sort(state, taken, clock.GetUtcNow(), Policy);
        foreach (var slot in forgotten)
        {
            Free(slot.Permit, slot.Class);
        }

        return uncounted.IsEmpty && forgotten.IsEmpty ? null : new CountSlots(account, uncounted);
    }

    /// <summary>The journal is back: what could not be freed without it is freed now.</summary>
    public void FreeAgain()
    {
        while (_unfreed is { } unfreed && unfreed.TryDequeue(out var slot))
        {
            Free(slot.Permit, slot.Class);
        }
    }

    private void Free(ulong permit, SourceClass? of) => _freeing = Task.WhenAll(_freeing, FreeAsync(permit, of));

    private async Task FreeAsync(ulong permit, SourceClass? of)
    {
        if (!await escrow.FreeAsync(account, permit, of))
        {
            LazyInitializer.EnsureInitialized(ref _unfreed).Enqueue((permit, of));
        }
    }

    private async Task<Answered> TakeAsync(AskPermit ask, SourceClass of)
    {
        await _freeing.WaitAsync(Patience);
        var (held, expiresAt) = (Policy.HeldBack(), clock.GetUtcNow() + Policy.PermitLifetime);
        var isTaken = await escrow.TakeAsync(account, ask.Permit, of, held, expiresAt, Patience);
        return new Answered(ask, isTaken, isTaken == false ? await escrow.ClaimAsync(account).WaitAsync(Patience) : [], ActorRefs.Nobody);
    }

    public sealed record Taken(ImmutableArray<Slot> Slots) : INoSerializationVerificationNeeded;

    /// <param name="IsTaken">Null: the database does not answer.</param>
    /// <param name="Others">If it was not to be had: all that are taken.</param>
    public sealed record Answered(AskPermit Ask, bool? IsTaken, ImmutableArray<Slot> Others, IActorRef Asker) : INoSerializationVerificationNeeded;
}
