using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Operator;

/// <summary>Events 2600 to 2699.</summary>
internal static partial class OperatorLog
{
    [LoggerMessage(2600, LogLevel.Warning, "Operator {Caller} asks for {Command}: {Reason}")]
    public static partial void Asked(this ILogger log, string caller, string command, string reason);

    [LoggerMessage(2601, LogLevel.Warning, "Operator {Caller} asked for {Command}: {Result}")]
    public static partial void Ended(this ILogger log, string caller, string command, string result);

    [LoggerMessage(2602, LogLevel.Warning, "Operator {Caller} is refused: {Why}")]
    public static partial void Refused(this ILogger log, string caller, string why);

    [LoggerMessage(2603, LogLevel.Error, "The operator's command {Command} failed in this program")]
    public static partial void CommandFailed(this ILogger log, Exception fault, string command);

    [LoggerMessage(2604, LogLevel.Information, "Operators are answered at {Address}, under certificates of {Authority}")]
    public static partial void Listening(this ILogger log, string address, string authority);

    [LoggerMessage(2605, LogLevel.Warning, "Refused at the operator's port: {Why}; told once a minute")]
    public static partial void Stranger(this ILogger log, string why);
}
