using Passthrough.Decisions.Attempts;

namespace Passthrough.Gateway.Agents;

internal static partial class AgentsLog
{
    [LoggerMessage(3000, LogLevel.Warning, "A connection to the agent stream showed a certificate that is not our CA's: {Subject}")]
    public static partial void ForeignCertificate(this ILogger log, string subject);

    [LoggerMessage(3001, LogLevel.Warning, "A connection to the agent stream was refused: {Subject} is revoked or names no agent")]
    public static partial void RevokedAgentRefused(this ILogger log, string subject);

    [LoggerMessage(3002, LogLevel.Error, "The database does not answer: agent {AgentId} is admitted by what was read last")]
    public static partial void RosterFromMemory(this ILogger log, Exception cause, string agentId);

    [LoggerMessage(3003, LogLevel.Warning, "The database does not answer: the time of connection of agent {AgentId} is not written down")]
    public static partial void ConnectionNotNoted(this ILogger log, Exception cause, string agentId);

    [LoggerMessage(3004, LogLevel.Information, "Agent {AgentId} ({AgentName}) of tenant {Tenant} enrolled with token {TokenId} from {Peer}")]
    public static partial void AgentEnrolled(
        this ILogger log, string agentId, string agentName, string tenant, string tokenId, string peer);

    [LoggerMessage(3005, LogLevel.Warning, "A machine at {Peer} was not enrolled ({Fault}): {Reason}")]
    public static partial void EnrolmentRefused(this ILogger log, string peer, string fault, string reason);

    [LoggerMessage(3006, LogLevel.Error, "A machine at {Peer} was not enrolled: the database does not answer")]
    public static partial void EnrolmentFailed(this ILogger log, Exception cause, string peer);

    [LoggerMessage(3010, LogLevel.Information,
        "Agent {AgentId} ({AgentName}) of tenant {Tenant} is connected, takes {Credits} attempts at once, version {ProgramVersion}")]
    public static partial void AgentConnected(
        this ILogger log, string agentId, string agentName, string tenant, int credits, string programVersion);

    [LoggerMessage(3011, LogLevel.Information, "A stream of agent {AgentId} ({AgentName}) has ended")]
    public static partial void AgentDisconnected(this ILogger log, string agentId, string agentName);

    [LoggerMessage(3012, LogLevel.Warning, "The stream of agent {AgentId} broke: {Reason}")]
    public static partial void StreamBroken(this ILogger log, string agentId, string reason);

    [LoggerMessage(3013, LogLevel.Warning, "Agent {AgentId} was silent for {SilentMs} ms: its connection is cut")]
    public static partial void AgentSilent(this ILogger log, string agentId, double silentMs);

    [LoggerMessage(3014, LogLevel.Warning, "The certificate of agent {AgentId} has ended and it did not renew: its connection is cut")]
    public static partial void CertificateOver(this ILogger log, string agentId);

    [LoggerMessage(3015, LogLevel.Warning, "Agent {AgentId} ({AgentName}) was revoked: its connection is cut")]
    public static partial void RevokedAgentCut(this ILogger log, string agentId, string agentName);

    [LoggerMessage(3016, LogLevel.Warning, "Agent {AgentId} speaks versions {Oldest} to {Newest} of the protocol, which this gateway does not")]
    public static partial void VersionRefused(this ILogger log, string agentId, uint oldest, uint newest);

    [LoggerMessage(3017, LogLevel.Information, "Agent {AgentId} takes no new work: {Reason}")]
    public static partial void AgentDrains(this ILogger log, string agentId, string reason);

    [LoggerMessage(3018, LogLevel.Warning, "Agent {AgentId} says how it is: {Reason}")]
    public static partial void AgentHealth(this ILogger log, string agentId, string reason);

    [LoggerMessage(3019, LogLevel.Information, "Agent {AgentId} has a new certificate {Serial}")]
    public static partial void CertificateRenewed(this ILogger log, string agentId, string serial);

    [LoggerMessage(3020, LogLevel.Warning,
        "Agent {AgentId} ({AgentName}) is in a cluster of {Members}, but {Connected} agents of tenant {Tenant} are connected: each cluster "
        + "counts for itself, so a guesser has the budget once in each; make them one cluster (docs/HIGH_AVAILABILITY.md)")]
    public static partial void AgentApart(this ILogger log, string agentId, string agentName, uint members, string tenant, int connected);

    [LoggerMessage(3021, LogLevel.Information, "Names with the suffix {Suffix} of tenant {Tenant} lead to forest {Forest}, as its agents say")]
    public static partial void SuffixLearned(this ILogger log, string suffix, string tenant, string forest);

    [LoggerMessage(3022, LogLevel.Information,
        "Names with the suffix {Suffix} of tenant {Tenant} no longer lead to forest {Forest} because its agents say so")]
    public static partial void SuffixEnded(this ILogger log, string suffix, string tenant, string forest);

    [LoggerMessage(3023, LogLevel.Warning,
        "Forest {Forest} of tenant {Tenant} has the suffix {Suffix}, which belongs to another tenant: it does not lead there")]
    public static partial void SuffixOfAnotherTenant(this ILogger log, string suffix, string tenant, string forest);

    [LoggerMessage(3024, LogLevel.Warning,
        "Forest {Forest} of tenant {Tenant} has the suffix {Suffix}, and so has another of its forests: it leads to neither; configure it")]
    public static partial void SuffixInConflict(this ILogger log, string suffix, string tenant, string forest);

    [LoggerMessage(3025, LogLevel.Information,
        "Forest {Forest} of tenant {Tenant} has {Count} more suffixes that do not lead there because they are not allowed, lead elsewhere "
        + "as configured, or are no names: {Suffixes}; passthrough-gateway tenant allow")]
    public static partial void SuffixesLeftOut(this ILogger log, string tenant, string forest, int count, string suffixes);

    [LoggerMessage(3026, LogLevel.Warning, "Agent {AgentId} says the suffixes of forest {Forest}, which it is not enrolled for")]
    public static partial void SuffixesOfForeignForest(this ILogger log, string agentId, string forest);

    [LoggerMessage(3027, LogLevel.Warning,
        "The name of attempt {Attempt} of tenant {Tenant} is refused because more than one forest knows it: {Accounts}; give one of the "
        + "accounts another name")]
    public static partial void AmbiguousName(this ILogger log, AttemptId attempt, string tenant, string accounts);

    [LoggerMessage(3028, LogLevel.Information, "Agent {AgentId} ({AgentName}) of tenant {Tenant} has leave to form a cluster")]
    public static partial void MayForm(this ILogger log, string agentId, string agentName, string tenant);

    [LoggerMessage(3029, LogLevel.Warning, "Agent {AgentId} asked for its peers and got no answer, because the database gave none: {Reason}")]
    public static partial void PeersNotKnown(this ILogger log, string agentId, string reason);

    [LoggerMessage(3030, LogLevel.Warning, "Agent {AgentId} cannot open what was sealed to it: it gets a new session")]
    public static partial void CannotUnseal(this ILogger log, string agentId);

    [LoggerMessage(3031, LogLevel.Warning, "Agent {AgentId} was sent an attempt of a forest that it says it does not serve")]
    public static partial void ForestNotServed(this ILogger log, string agentId);

    [LoggerMessage(3032, LogLevel.Warning, "Agent {AgentId} never answered {Count} attempts that are long past their deadline")]
    public static partial void AnswersMissing(this ILogger log, string agentId, int count);

    [LoggerMessage(3033, LogLevel.Critical,
        "FORGED ANSWER from agent {AgentId} ({AgentName}) to attempt {AttemptId}: no agent that may open it gave it; examine that machine")]
    public static partial void ForgedAnswer(this ILogger log, string agentId, string agentName, string attemptId);

    [LoggerMessage(3034, LogLevel.Error, "Agent {AgentId} gave an answer to attempt {AttemptId} that cannot be read: {What}")]
    public static partial void UnintelligibleAnswer(this ILogger log, string agentId, string attemptId, string what);
}
