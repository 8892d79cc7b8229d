using System.Net;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;

namespace Passthrough.Gateway.SignIn;

/// <summary>Event ids 3300 to 3599. A person's name is not logged: the attempt's id leads to the rest. Who signed in without trouble
/// costs no line at the default level.</summary>
internal static partial class SignInLog
{
    public static void SignInEnded(
        this ILogger log, AttemptId attempt, Verdict verdict, string tenant, string agent, int dispatches, TimeSpan elapsed)
    {
        var level = LevelOf(verdict);
        if (log.IsEnabled(level))
        {
            log.SignInEnded(level, attempt, verdict, tenant, agent, dispatches, elapsed.TotalMilliseconds);
        }
    }

    public static void ValidationEnded(this ILogger log, string keyId, string tenant, ValidationOutcome outcome)
    {
        var level = LevelOf(outcome.Verdict);
        if (log.IsEnabled(level))
        {
            log.ValidationEnded(
                level, outcome.Attempt, keyId, outcome.Verdict, tenant, outcome.AgentName ?? "-", outcome.Dispatches,
                outcome.Elapsed.TotalMilliseconds);
        }
    }

    [LoggerMessage(EventId = 3300, Message =
        "Sign-in {Attempt} ended with {Verdict}: tenant {Tenant}, agent {Agent}, {Dispatches} dispatches, {ElapsedMs} ms")]
    private static partial void SignInEnded(
        this ILogger log, LogLevel level, AttemptId attempt, Verdict verdict, string tenant, string agent, int dispatches, double elapsedMs);

    [LoggerMessage(3301, LogLevel.Warning, "Source {Source} is over its limit")]
    public static partial void SourceLimited(this ILogger log, IPAddress? source);

    [LoggerMessage(3302, LogLevel.Error, "Request {RequestId} to {Endpoint} failed")]
    public static partial void RequestFailed(this ILogger log, Exception fault, AttemptId requestId, string endpoint);

    [LoggerMessage(EventId = 3303, Message =
        "Validation {Attempt} for key {KeyId} ended with {Verdict}: tenant {Tenant}, agent {Agent}, {Dispatches} dispatches, "
        + "{ElapsedMs} ms")]
    private static partial void ValidationEnded(
        this ILogger log, LogLevel level, AttemptId attempt, string keyId, Verdict verdict, string tenant, string agent, int dispatches,
        double elapsedMs);

    [LoggerMessage(3304, LogLevel.Warning, "A validation from {Source} was refused: {Reason}")]
    public static partial void ValidationRefused(this ILogger log, IPAddress? source, KeyStanding reason);

    private static LogLevel LevelOf(Verdict verdict) => verdict == Verdict.Success ? LogLevel.Debug : LogLevel.Information;
}
