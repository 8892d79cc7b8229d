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

    /// <summary>Made when it is needed: there are as many accounts as people.</summary>
    private ConcurrentQueue<(ulong Permit, SourceClass? Class, DateTimeOffset? TakenUntil)>? _unfreed;

    /// <summary>What is being freed: none is taken before it ends.</summary>
    internal Task Freeing { get; private set; } = Task.CompletedTask;

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
        TakeAsync(ask, of).PipeTo(self, self, answer => answer with { Asker = asker }, _ => new Answered(ask, null, [], Task.CompletedTask, asker));

    /// <summary>It was taken, and not granted.</summary>
    public void GiveBack(ulong permit, DateTimeOffset takenUntil) => Free(permit, of: null, takenUntil);

    /// <summary>What is free only then must not be found taken, and be counted though nobody used it.</summary>
    public void TakeNoneBefore(Task freed) => Freeing = Task.WhenAll(Freeing, freed);

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
            Free(slot.Permit, slot.Class, slot.TakenUntil);
        }
    }

    private void Free(ulong permit, SourceClass? of, DateTimeOffset? takenUntil = null) => TakeNoneBefore(FreeAsync(permit, of, takenUntil));

    private async Task FreeAsync(ulong permit, SourceClass? of, DateTimeOffset? takenUntil)
    {
        if (!await escrow.FreeAsync(account, permit, of, takenUntil))
        {
            LazyInitializer.EnsureInitialized(ref _unfreed).Enqueue((permit, of, takenUntil));
        }
    }

    private async Task<Answered> TakeAsync(AskPermit ask, SourceClass of)
    {
        await Freeing.WaitAsync(Patience);
        var (held, expiresAt) = (Policy.HeldBack(), clock.GetUtcNow() + Policy.PermitLifetime);
        var (isTaken, undone) = await escrow.TakeAsync(account, ask.Permit, of, held, expiresAt, Patience);
        var others = isTaken == false ? await escrow.ClaimAsync(account).WaitAsync(Patience) : [];
        return new Answered(ask, isTaken == true ? expiresAt : null, others, undone, ActorRefs.Nobody);
    }

    public sealed record Taken(ImmutableArray<Slot> Slots) : INoSerializationVerificationNeeded;

    /// <param name="TakenUntil">Null: it was not to be had, or nobody knows.</param>
    /// <param name="Others">If it was not to be had: all that are taken; none if the database does not answer.</param>
    /// <param name="Undone">Ends when what was taken too late is free again.</param>
    public sealed record Answered(AskPermit Ask, DateTimeOffset? TakenUntil, ImmutableArray<Slot> Others, Task Undone, IActorRef Asker)
        : INoSerializationVerificationNeeded;
}
