using Akka.Actor;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <content>What is held back of the budget is granted with a slot only.</content>
internal sealed partial class AccountEntity
{
    private readonly AccountSlots? _slots;

    /// <summary>True: the database is asked for a slot, and the command decided anew when it has answered.</summary>
    private bool TakesSlot(ICommand command, Decision decision, IActorRef asker)
    {
        if (decision.Answer is Answer.SlotNeeded needed)
        {
            _slots!.Take((AskPermit)command, needed.Class, asker);
            Become(Taking);
            return true;
        }

        if (command is AskPermit { SlotUntil: { } until } ask && decision.Answer is not Answer.Granted)
        {
            _slots!.GiveBack(ask.Permit, until);
        }

        return false;
    }

    private void Taking()
    {
        Receive<AccountSlots.Answered>(answered =>
        {
            Become(Serving);
            _slots!.TakeNoneBefore(answered.Undone);
            if (answered.TakenUntil is { } until)
            {
                Handle(answered.Ask with { SlotUntil = until }, answered.Asker);
            }
            else if (_slots.Count(_state, answered.Others) is { } count)
            {
                // Before what came after it, as that it is of no more use.
                Stash.Prepend([new Envelope(answered.Ask, answered.Asker)]);
                Count(count);
            }
            else
            {
                // Also if the database does not answer: what it is asked for now it may give to others before the ledger has caught up.
                answered.Asker.Tell(new Answer.TooManyOpen());
            }

            Stash.UnstashAll();
        });
        Receive<Terminated>(_ => Context.Stop(Self));
        HearOfTheJournal();
        ReceiveAny(Wait);
    }

    private void Count(CountSlots? slots)
    {
        Serve();
        if (slots is not null)
        {
            Handle(slots, ActorRefs.Nobody);
        }
    }
}
