using Passthrough.Audit;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.TenantPage;

namespace Passthrough.Gateway.SignIn;

/// <summary>One record for each attempt that comes in here, however it ends.</summary>
internal sealed class SignInAudit(ValidatePassword validate, AuditLog audit, RecentAttempts recent, TimeProvider time)
{
    public const string Page = "page";

    /// <summary>As <see cref="ValidatePassword"/>, recorded.</summary>
    /// <param name="via">The page, or the API key's id.</param>
    public async Task<ValidationOutcome> ValidateAsync(
        string via, string tenant, TypedName name, TypedPassword password, ClientSource source, CancellationToken cancel)
    {
        try
        {
            var outcome = await validate(tenant, name, password, source, cancel);
            audit.Append(Entry(outcome, via, tenant, name, source));
            recent.Note(tenant, outcome);
            return outcome;
        }
        catch (OperationCanceledException)
        {
            audit.Append(new AuditEntry.SignIn(time.GetUtcNow(), null, null)
            {
                Ending = "Abandoned",
                Tenant = tenant,
                Account = name.Text,
                Source = source.Network?.ToString(),
                Via = via,
            });
            throw;
        }
    }

    /// <summary>What came to no agent because of what was typed. That is not recorded: it led to nobody, and may be a password in the
    /// wrong field.</summary>
    public void Refused(string via, string? tenant, AttemptId attempt, Verdict verdict, ClientSource source)
    {
        audit.Append(new AuditEntry.SignIn(time.GetUtcNow(), attempt, verdict) { Tenant = tenant, Source = source.Network?.ToString(), Via = via });
        if (tenant is not null)
        {
            recent.Note(tenant, attempt, verdict);
        }
    }

    private AuditEntry.SignIn Entry(ValidationOutcome outcome, string via, string tenant, TypedName name, ClientSource source)
    {
        var detail = outcome.Detail;
        return new AuditEntry.SignIn(time.GetUtcNow(), outcome.Attempt, outcome.Verdict)
        {
            Tenant = tenant,
            Account = outcome.Verdict == Verdict.NoRouteForSuffix ? null : name.Text,
            ObjectGuid = detail?.Account is { Length: 16 } guid ? new Guid(guid.Span) : null,
            Source = source.Network?.ToString(),
            Via = via,
            Agent = outcome.AgentId,
            AgentName = outcome.AgentName,
            DomainController = detail?.DomainController,
            Route = detail?.Route,
            Permit = detail?.PermitNumber ?? 0,
            Dispatches = outcome.Dispatches,
            Times = new SignInTimes(
                detail?.QueueUs ?? 0, detail?.LookupUs ?? 0, detail?.PermitUs ?? 0, detail?.UnsealUs ?? 0, detail?.BindUs ?? 0,
                detail?.TotalUs ?? 0, (long)outcome.Elapsed.TotalMicroseconds),
        };
    }
}
