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

        if (command is AskPermit { HasSlot: true } ask && decision.Answer is not Answer.Granted)
        {
            _slots!.GiveBack(ask.Permit);
        }

        return false;
    }

    private void Taking()
    {
        Receive<AccountSlots.Answered>(answered =>
        {
            Become(Serving);
            if (answered.IsTaken == true)
            {
                Handle(answered.Ask with { HasSlot = true }, answered.Asker);
            }
            else if (answered.IsTaken is null)
            {
                // The journal is down, and the ledger is about to notice. Nobody else can take a slot there now.
                Handle(answered.Ask, answered.Asker, hasSlots: false);
            }
            else if (_slots!.Count(_state, answered.Others) is { } count)
            {
                Self.Tell(answered.Ask, answered.Asker);
                Count(count);
            }
            else
            {
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
