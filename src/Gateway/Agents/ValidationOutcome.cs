using Passthrough.Decisions.Attempts;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>How one request to validate a password ended. Complete; what of it may be told to whom is the asker's business.</summary>
/// <param name="AgentId">Who answered; null if no agent did.</param>
/// <param name="Detail">What the agent told beside the verdict; null if no agent answered.</param>
/// <param name="Dispatches">How many times the attempt was written to an agent's stream. 0 or more.</param>
/// <param name="Elapsed">From the call to this answer.</param>
/// <param name="LockedFor">How long the account stays locked for the source that asked; zero if it is not.</param>
public sealed record ValidationOutcome(
    AttemptId Attempt, Verdict Verdict, string? AgentId, string? AgentName, AnswerDetail? Detail, int Dispatches, TimeSpan Elapsed,
    TimeSpan LockedFor = default);
