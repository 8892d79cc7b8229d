using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using Akka.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>Where a worker gets its permits: asks the account, wherever in the cluster it lives, and asks again while there is
/// time. Decides nothing.</summary>
/// <param name="agent">This agent, as the audit trail names it.</param>
/// <param name="interim">For accounts that do not answer; null: such are asked again until the deadline.</param>
public sealed class PermitDesk(IRequiredActor<PermitDesk> region, TimeProvider clock, string agent, InterimPermits? interim = null)
{
    /// <summary>After this long without an answer the question is sent again: the account may be moving to another node, or
    /// its shard's ledger be recovering. Repeating costs nothing: a permit is charged once, a settlement counts once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Asks for leave to send one bind. Never throws for a cluster that does not answer.</summary>
    /// <param name="deadline">Cancelled when the answer is of no more use.</param>
    public async Task<PermitAnswer> AskAsync(PermitRequest request, CancellationToken deadline)
    {
        var answer = await AskForOneAsync(request, deadline);
        LockoutMeters.Asked(answer);
        return answer;
    }

    private async Task<PermitAnswer> AskForOneAsync(PermitRequest request, CancellationToken deadline)
    {
        var permit = DrawPermit();
        var ask = new AskPermit(request.Account, request.Source, request.Attempt, permit)
        {
            Agent = agent,
            PasswordSetAt = request.PasswordSetAt,
            IsCompared = request.IsCompared,
        };
        var (answer, askedAt) = await AskAgainAsync(ask, deadline, interim?.Patience);
        if (answer is null && interim is not null && !deadline.IsCancellationRequested)
        {
            if (await interim.TryTakeAsync(request.Account, DrawPermit()) is { } granted)
            {
                await GiveBackAsync(ask);
                return granted;
            }

            (answer, askedAt) = await AskAgainAsync(ask, deadline);
        }

        switch (answer, askedAt)
        {
            // Lifetimes count from before the question was sent, so this node's permit ends before the account's charge does.
            case (Answer.Granted granted, var sentAt):
                return new PermitAnswer.Granted(permit, sentAt, granted.Lifetime, granted.Key);
            case (Answer.CompareFirst first, _):
                return new PermitAnswer.CompareFirst(first.Key, first.Wrong);
            case (Answer.Locked locked, _):
                return new PermitAnswer.Locked(locked.Notice);
            case (Answer.TooManyOpen, _):
                return new PermitAnswer.TooManyOpen();
            default:
                await GiveBackAsync(ask);
                return new PermitAnswer.Unavailable();
        }
    }

    /// <summary>Tells how the bind under a permit ended. True once it is stored; false if that was not learnt by the deadline.
    /// A wrong password may be answered to the gateway only after true.</summary>
    /// <param name="wrong">Set if a domain controller found the password wrong.</param>
    public async Task<bool> SettleAsync(
        AccountKey account, AttemptId attempt, ulong permit, Settlement how, WrongPassword? wrong, CancellationToken deadline)
    {
        LockoutMeters.Settled(how);
        var told = new SettlePermit(account, attempt, permit, how) { Wrong = wrong };
        if (interim is null || !await interim.TrySettleAsync(account, permit, how))
        {
            return (await AskAgainAsync(told, deadline)).Answer is Answer.Settled;
        }

        // It is stored already. Should the account have a home, or get one, it learns of it sooner; but when the permit was granted it
        // did not see, so a success forgives nothing.
        (await Region(CancellationToken.None)).Tell(how == Settlement.Succeeded ? told with { How = Settlement.Refunded } : told);
        return true;
    }

    /// <summary>Tells that a password was typed again that is known to be wrong: it stays known.</summary>
    public async Task RepeatAsync(AccountKey account, WrongPassword wrong, CancellationToken deadline) =>
        await AskAgainAsync(new RepeatWrong(account, wrong), deadline);

    /// <summary>An operator ends an account's locks and forgives its failures. True once it is stored.</summary>
    /// <exception cref="ArgumentException">A text is longer than it may be, or holds control characters.</exception>
    public async Task<bool> UnlockAsync(AccountKey account, string by, string reason, CancellationToken deadline)
    {
        Check(by, MaxNameBytes, nameof(by));
        Check(reason, MaxReasonBytes, nameof(reason));
        return (await AskAgainAsync(new UnlockAccount(account, by, reason), deadline)).Answer is Answer.Unlocked;

        static void Check(string text, int mostBytes, string name)
        {
            if (Encoding.UTF8.GetByteCount(text) > mostBytes || text.Any(char.IsControl))
            {
                throw new ArgumentException($"more than {mostBytes} bytes, or a control character", name);
            }
        }
    }

    /// <summary>It may have been granted all the same. No bind is sent under it, so it is given back; if that is lost too, it stays a
    /// failure.</summary>
    private async Task GiveBackAsync(AskPermit ask) =>
        (await Region(CancellationToken.None)).Tell(new SettlePermit(ask.Account, ask.Attempt, ask.Permit, Settlement.Refunded));

    /// <param name="once">Asks once, and waits for this long only, because an interim permit can be had instead.</param>
    private async Task<(Answer? Answer, long SentAt)> AskAgainAsync(ICommand command, CancellationToken deadline, TimeSpan? once = null)
    {
        while (!deadline.IsCancellationRequested)
        {
            try
            {
                var accounts = await Region(deadline);
                var sentAt = clock.GetTimestamp();
                return (await accounts.Ask<Answer>(command, once ?? Patience, deadline), sentAt);
            }
            catch (AskTimeoutException) when (once is null)
            {
                // Asked again.
            }
            catch (AskTimeoutException)
            {
                break;
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
