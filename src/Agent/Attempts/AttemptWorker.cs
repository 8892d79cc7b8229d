using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>Takes an attempt from the intake to its one reply: unseals it, has it run once, and binds what came of it to the
/// attempt.</summary>
internal sealed class AttemptWorker(
    SealingKeyring keyring, AttemptSteps steps, AttemptWatch watch, AttemptAudit audit, TimeProvider clock, SteadyClock steady,
    ILogger<AttemptWorker> log)
{
    /// <summary>Ten seconds' worth of the highest rate that one agent has been seen at, with room.</summary>
    private const int RememberedAttempts = 65_536;

    /// <summary>Kept back of the time for the way of a peer's answer.</summary>
    private static readonly TimeSpan AnswerReserve = TimeSpan.FromMilliseconds(100);

    private readonly AttemptMemory _memory = new(RememberedAttempts);

    /// <summary>Never throws; ends by the attempt's deadline.</summary>
    /// <returns>Null for what cannot be replied to: unreadable, or a copy of what has been or will be replied to.</returns>
    public async Task<FromAgent?> RunAsync(IncomingAttempt incoming)
    {
        var fault = keyring.TryUnwrap(incoming.Attempt, steady.Now, out var opened);
        if (opened is null)
        {
            return Refuse(incoming.Attempt, fault);
        }

        using (opened)
        {
            try
            {
                return await RunAsync(incoming, opened);
            }
            catch (Exception e)
            {
                // What was done is not known here: nothing true can be said, and the gateway's own deadline speaks.
                log.Failed(e, new AttemptId(opened.Header.AttemptId), clock.GetElapsedTime(incoming.ReceivedAt).TotalMilliseconds);
                return null;
            }
        }
    }

    private async Task<FromAgent?> RunAsync(IncomingAttempt incoming, OpenedAttempt opened)
    {
        var detail = new AttemptDetail(clock, incoming.ReceivedAt);
        if (steps.FindForest(opened.Header.Forest) is { } forest && !forest.IsReachable()
            && await HandOverAsync(incoming, opened, detail) is { } reply)
        {
            return reply;
        }

        var outcome = await _memory.RunOnceAsync(
            new AttemptId(opened.Header.AttemptId), opened.Expires, steady.Now,
            () => new AttemptRun(steps, opened, detail, watch, audit, clock, steady, log).RunAsync());
        return outcome.Ending switch
        {
            AttemptEnding.Answered answered => new FromAgent { Answer = opened.Answer((uint)answered.Verdict, outcome.Detail) },
            AttemptEnding.HandedBack { Reason: HandBackReason.ForestUnreachable } =>
                await HandOverAsync(incoming, opened, detail) ?? Refusals.Of(incoming.Attempt, HandBackReason.ForestUnreachable),
            AttemptEnding.HandedBack back => Refusals.Of(incoming.Attempt, back.Reason),
            _ => throw new InvalidOperationException($"unknown ending {outcome.Ending.GetType().Name}"),
        };
    }

    /// <summary>To a peer that reaches the forest: nothing was sent to any domain controller from here, and the password is as sealed
    /// as it came. Null: there is nobody, or it was handed over already.</summary>
    private async Task<FromAgent?> HandOverAsync(IncomingAttempt incoming, OpenedAttempt opened, AttemptDetail detail)
    {
        if (incoming.IsHandedOver)
        {
            return null;
        }

        var (peer, reply) = await steps.HandOverAsync(opened.Header, incoming.Attempt, opened.Expires - steady.Now - AnswerReserve);
        if (peer is null)
        {
            return null;
        }

        AttemptMeters.WasHandedOver();
        log.HandedOver(new AttemptId(opened.Header.AttemptId), peer, detail.Elapsed.TotalMilliseconds, $"{reply?.BodyCase ?? default}");
        return reply switch
        {
            // The time is over, and the peer may have sent a bind.
            null => new FromAgent { Answer = opened.Answer((uint)Verdict.AgentDeadlineExceeded, detail.Write()) },
            { NotAttempted: not null } => Refusals.Of(incoming.Attempt, HandBackReason.ForestUnreachable),
            _ => reply,
        };
    }

    private FromAgent? Refuse(Attempt attempt, UnwrapFault fault)
    {
        if (fault == UnwrapFault.Expired)
        {
            return Refusals.Of(attempt, HandBackReason.Expired);
        }

        log.NotUnsealed(fault);
        AttemptMeters.WasNotUnsealed(fault);
        return fault switch
        {
            UnwrapFault.Replayed => null,
            UnwrapFault.WrongTenant => Refusals.Of(attempt, HandBackReason.ForestNotMine),
            _ => Refusals.Of(attempt, HandBackReason.CannotUnseal),
        };
    }
}
