using System.Buffers.Binary;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>Where a worker gets its permits: asks the account, wherever in the cluster it lives, and asks again while there is
/// time. Decides nothing.</summary>
public sealed class PermitDesk(IRequiredActor<PermitDesk> region, TimeProvider clock)
{
    /// <summary>After this long without an answer the question is sent again: the account may be moving to another node, or
    /// its shard's ledger be recovering. Repeating costs nothing: a permit is charged once, a settlement counts once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Asks for leave to send one bind. Never throws for a cluster that does not answer.</summary>
    /// <param name="deadline">Cancelled when the answer is of no more use.</param>
    public async Task<PermitAnswer> AskAsync(AccountKey account, AttemptId attempt, CancellationToken deadline)
    {
        var permit = DrawPermit();
        switch (await AskAgainAsync(new AskPermit(account, attempt, permit), deadline))
        {
            // Lifetimes count from before the question was sent, so this node's permit ends before the account's charge does.
            case (Answer.Granted granted, var sentAt):
                return new PermitAnswer.Granted(permit, sentAt + granted.Lifetime);
            case (Answer.Locked locked, var sentAt):
                return new PermitAnswer.Locked(sentAt + locked.For);
            case (Answer.TooManyOpen, _):
                return new PermitAnswer.TooManyOpen();
            default:
                // It may have been granted all the same. No bind is sent under it, so it is given back; if that is lost too,
                // it stays a failure.
                (await Region(CancellationToken.None)).Tell(new SettlePermit(account, attempt, permit, Settlement.Refunded));
                return new PermitAnswer.Unavailable();
        }
    }

    /// <summary>Tells how the bind under a permit ended. True once it is stored; false if that was not learnt by the deadline.
    /// A wrong password may be answered to the gateway only after true.</summary>
    public async Task<bool> SettleAsync(
        AccountKey account, AttemptId attempt, ulong permit, Settlement how, CancellationToken deadline) =>
        (await AskAgainAsync(new SettlePermit(account, attempt, permit, how), deadline)).Answer is Answer.Settled;

    /// <summary>An operator ends an account's lock and forgives its failures. True once it is stored.</summary>
    public async Task<bool> UnlockAsync(AccountKey account, CancellationToken deadline) =>
        (await AskAgainAsync(new UnlockAccount(account), deadline)).Answer is Answer.Unlocked;

    private async Task<(Answer? Answer, DateTimeOffset SentAt)> AskAgainAsync(ICommand command, CancellationToken deadline)
    {
        while (!deadline.IsCancellationRequested)
        {
            try
            {
                var accounts = await Region(deadline);
                var sentAt = clock.GetUtcNow();
                return (await accounts.Ask<Answer>(command, Patience, deadline), sentAt);
            }
            catch (AskTimeoutException)
            {
                // Asked again.
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                break;
            }
        }

        return default;
    }

    private Task<IActorRef> Region(CancellationToken cancel) => region.GetAsync(cancel);

    /// <summary>Random, so that no two askers in the cluster and none after a crash use one number for two permits.</summary>
    private static ulong DrawPermit()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ulong permit;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            permit = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }
        while (permit == AssumedPermit);
        return permit;
    }
}
