using System.Text.Json.Serialization;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;

namespace Passthrough.Gateway.SignIn;

/// <summary>What a service with a key may know of a validation. Written as JSON; docs/API.md tells each field.</summary>
internal sealed record ValidationReply(
    string AttemptId, Verdict Verdict, PublicMeaning PublicMeaning, int? Aadsts, int? Windows, AnsweringAgent? Agent,
    string? DomainController, string? Route, ulong? Permit, uint LockedForSeconds, int Dispatches, ValidationTimings Timings)
{
    public static ValidationReply Of(ValidationOutcome outcome)
    {
        var row = outcome.Verdict.Row();
        var detail = outcome.Detail;
        return new ValidationReply(
            outcome.Attempt.ToString(), outcome.Verdict, row.Public, row.Aadsts, row.Windows,
            outcome.AgentId is null ? null : new AnsweringAgent(outcome.AgentId, outcome.AgentName),
            TextOrNull(detail?.DomainController), TextOrNull(detail?.Route),
            detail?.PermitNumber is > 0 and var permit ? permit : null,
            (uint)Math.Ceiling(outcome.LockedFor.TotalSeconds), outcome.Dispatches,
            new ValidationTimings(
                detail?.QueueUs ?? 0, detail?.LookupUs ?? 0, detail?.PermitUs ?? 0, detail?.UnsealUs ?? 0, detail?.BindUs ?? 0,
                detail?.TotalUs ?? 0, (long)outcome.Elapsed.TotalMicroseconds));
    }

    private static string? TextOrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <param name="Name">What people call it.</param>
internal sealed record AnsweringAgent(string Id, string? Name);

/// <summary>Microseconds: five steps within the agent, the agent's whole, and the gateway's whole.</summary>
internal sealed record ValidationTimings(
    uint QueueUs, uint LookupUs, uint PermitUs, uint UnsealUs, uint BindUs, uint AgentUs, long TotalUs);

/// <summary>How the reply is written, made at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ValidationReply))]
internal sealed partial class ValidationJson : JsonSerializerContext;
