using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>Seals one attempt, sends it to one agent, and believes its answer only if the seal proves it.</summary>
public sealed class AttemptSender(AgentRegistry registry, GatewayInstance instance, TimeProvider time, ILogger<AttemptSender> log)
{
    /// <summary>Sends under a credit that was taken of <paramref name="receiver"/>.</summary>
    internal async Task<SendResult> SendAsync(
        AttemptInProgress attempt, TenantRoute route, IReceiver receiver, CancellationToken cancel)
    {
        var (now, left) = (time.GetUtcNow(), attempt.Left);
        if (left < TimeSpan.FromMilliseconds(1))
        {
            receiver.GiveBack();
            return new(DispatchEnd.OutOfTime, Written: false);
        }

        var mayOpen = WhoMayOpen(registry.PoolOf(route), receiver);
        using var sealedAttempt = Seal(attempt, route, now, left);
        var message = sealedAttempt.For(Sessions(mayOpen, now), now, left);
        if (message is null)
        {
            receiver.GiveBack();
            return new(DispatchEnd.NotWritten, Written: false);
        }

        var dispatch = new Dispatch(attempt.Id.Value, attempt.Number, new FromGateway { Attempt = message }, attempt.Deadline);
        var reply = await receiver.SendAsync(dispatch, cancel);
        return reply.Answer is { } answer
            ? Believe(answer, sealedAttempt, mayOpen)
            : new(reply.End, dispatch.WasWritten);
    }

    private SealedAttempt Seal(AttemptInProgress attempt, TenantRoute route, DateTimeOffset now, TimeSpan left)
    {
        var header = new AttemptHeader(
            route.Tenant,
            route.Forest,
            attempt.Id.Value,
            attempt.Name.Text,
            now.ToUnixTimeMilliseconds(),
            (uint)Math.Ceiling(left.TotalMilliseconds),
            attempt.NextNumber(),
            instance.Id,
            attempt.Source.Network,
            attempt.Source.Device);
        return attempt.Password.Reveal(header, static (header, password) => SealedAttempt.Seal(header, password));
    }

    /// <summary>The receiver first, then the other agents of the forest that are here too, so that a peer can take the attempt over still
    /// sealed.</summary>
    private static List<IReceiver> WhoMayOpen(AgentPool pool, IReceiver receiver)
    {
        var agents = receiver is AgentConnection ? pool.Agents : [];
        var open = new List<IReceiver>(agents.Length + 1) { receiver };
        foreach (var agent in agents)
        {
            if (agent != receiver && !agent.IsLeaving && open.Count < SealingLimits.MaxWraps)
            {
                open.Add(agent);
            }
        }

        return open;
    }

    private static List<SealingSessionSender> Sessions(List<IReceiver> agents, DateTimeOffset now)
    {
        var sessions = new List<SealingSessionSender>(agents.Count);
        for (var i = 0; i < agents.Count; i++)
        {
            if (agents[i].Session(now) is { } session)
            {
                sessions.Add(session);
            }
            else if (i == 0)
            {
                // What the receiver cannot open need not be sent.
                return [];
            }
        }

        return sessions;
    }

    private SendResult Believe(Answer answer, SealedAttempt sealedAttempt, List<IReceiver> mayOpen)
    {
        foreach (var agent in mayOpen)
        {
            // The receiver as a rule; a peer if it took the attempt over.
            var fault = sealedAttempt.Verify(answer, agent.Agent.Id, out var detail);
            if (fault == AnswerFault.None)
            {
                return VerdictTable.Read(unchecked((int)answer.Verdict)) is { } verdict
                    ? new(DispatchEnd.Answered, true, verdict, agent.Agent.Id, agent.Agent.Name, detail)
                    : Unintelligible(agent, sealedAttempt, $"verdict {answer.Verdict}");
            }

            if (fault != AnswerFault.Forged)
            {
                return Unintelligible(mayOpen[0], sealedAttempt, fault.ToString());
            }
        }

        AgentMeters.ForgedAnswers.Add(1);
        log.ForgedAnswer(mayOpen[0].Agent.Id, mayOpen[0].Agent.Name, sealedAttempt.Header.AttemptId.ToString("n"));
        return new(DispatchEnd.Forged, Written: true);
    }

    private SendResult Unintelligible(IReceiver agent, SealedAttempt sealedAttempt, string what)
    {
        log.UnintelligibleAnswer(agent.Agent.Id, sealedAttempt.Header.AttemptId.ToString("n"), what);
        return new(DispatchEnd.Unintelligible, Written: true);
    }
}
