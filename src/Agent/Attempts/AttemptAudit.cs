using Passthrough.Agent.Enrolment;
using Passthrough.Audit;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>One record for each attempt that this agent worked on. What it handed to a peer, the peer records.</summary>
internal sealed class AttemptAudit(AuditLog audit, EnrolmentRecord enrolment, TimeProvider clock)
{
    public void Record(AttemptHeader header, AttemptEnding ending, AnswerDetail detail) => audit.Append(
        new AuditEntry.SignIn(clock.GetUtcNow(), new AttemptId(header.AttemptId), (ending as AttemptEnding.Answered)?.Verdict)
        {
            Ending = ending is AttemptEnding.HandedBack back ? back.Reason.ToString() : null,
            Tenant = header.Tenant,
            Account = header.UserName,
            ObjectGuid = detail.Account.Length == 16 ? new Guid(detail.Account.Span) : null,
            Source = header.Network?.ToString(),
            Agent = enrolment.AgentId,
            AgentName = enrolment.AgentName,
            Forest = header.Forest,
            DomainController = detail.DomainController,
            Route = detail.Route,
            Permit = detail.PermitNumber,
            Times = new SignInTimes(
                detail.QueueUs, detail.LookupUs, detail.PermitUs, detail.UnsealUs, detail.BindUs, Agent: 0, detail.TotalUs),
        });
}
