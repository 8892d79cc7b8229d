using Akka.Actor;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>What nodes with a real journal do not show at will (JournalOutageTests has the rest).</summary>
public sealed class LedgerEntityTests() : TestKit(Await.PatientProbes)
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("11111111-2222-4333-8444-555555555555"));

    [Fact]
    public void An_account_that_gave_up_waiting_for_the_journal_has_not_been_in_memory()
    {
        var health = new JournalHealth(NullLogger<JournalHealth>.Instance) { IsPrepared = false, ReadPatience = TimeSpan.FromHours(1) };
        var ledger = Sys.ActorOf(Props.Create(() => new LedgerEntity(
            "7", new LockoutPolicies(new LockoutPolicy()), TimeProvider.System, health, NullLogger.Instance, null)));
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        ledger.Tell(new LedgerProtocol.Enter(Anna), first);
        ledger.Tell(new LedgerProtocol.Enter(Anna), second);

        // Its patience ends when both wait.
        ledger.Tell(new LedgerProtocol.AskTrouble("7"), TestActor);
        ExpectMsg<LedgerProtocol.Trouble>();
        health.ReadPatience = TimeSpan.Zero;
        ledger.Tell(JournalKeeper.JournalIsSlow.Instance);

        Assert.Equal(new LedgerProtocol.Entered(AccountState.Clean, IsVolatile: true), second.ExpectMsg<LedgerProtocol.Entered>(Await.Patience));
        first.ExpectNoMsg(TimeSpan.Zero);
    }
}
