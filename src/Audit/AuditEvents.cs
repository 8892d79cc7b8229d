using Microsoft.Extensions.Logging;

namespace Passthrough.Audit;

internal static partial class AuditEvents
{
    [LoggerMessage(4000, LogLevel.Error,
        "The audit log in {Folder} cannot be written, sign-ins go on: {Reason}; up to {Kept} records wait, more are counted and lost")]
    public static partial void NotWritten(this ILogger log, string folder, string reason, int kept);

    [LoggerMessage(4001, LogLevel.Warning, "The audit log in {Folder} is written again; {Lost} records were lost, which it says itself")]
    public static partial void WrittenAgain(this ILogger log, string folder, long lost);

    [LoggerMessage(4002, LogLevel.Error, "{Lost} records of the audit log in {Folder} are lost: this program stops and cannot write them")]
    public static partial void LostAtStop(this ILogger log, string folder, long lost);

    [LoggerMessage(4003, LogLevel.Error, "{Lost} records of the audit log in {Folder} are lost: this program failed")]
    public static partial void Failed(this ILogger log, Exception fault, string folder, long lost);
}
