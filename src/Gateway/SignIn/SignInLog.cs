using System.Net;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Gateway.SignIn;

/// <summary>Event ids 3300 to 3599. A person's name is not logged: the attempt's id leads to the rest.</summary>
internal static partial class SignInLog
{
    [LoggerMessage(3300, LogLevel.Information,
        "Sign-in {Attempt} ended with {Verdict}: tenant {Tenant}, agent {Agent}, {Dispatches} dispatches, {ElapsedMs} ms")]
    public static partial void SignInEnded(
        this ILogger log, AttemptId attempt, Verdict verdict, string tenant, string agent, int dispatches, double elapsedMs);

    [LoggerMessage(3301, LogLevel.Warning, "Source {Source} is over its limit")]
    public static partial void SourceLimited(this ILogger log, IPAddress? source);

    [LoggerMessage(3302, LogLevel.Error, "Request {RequestId} to {Endpoint} failed")]
    public static partial void RequestFailed(this ILogger log, Exception fault, AttemptId requestId, string endpoint);

    [LoggerMessage(3303, LogLevel.Information,
        "Validation {Attempt} for key {KeyId} ended with {Verdict}: tenant {Tenant}, agent {Agent}, {Dispatches} dispatches, "
        + "{ElapsedMs} ms")]
    public static partial void ValidationEnded(
        this ILogger log, AttemptId attempt, string keyId, Verdict verdict, string tenant, string agent, int dispatches,
        double elapsedMs);

    [LoggerMessage(3304, LogLevel.Warning, "A validation from {Source} was refused: {Reason}")]
    public static partial void ValidationRefused(this ILogger log, IPAddress? source, KeyStanding reason);
}
