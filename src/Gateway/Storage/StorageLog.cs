namespace Passthrough.Gateway.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(3600, LogLevel.Debug, "Tenants, keys and agents are as in version {Version} of the database")]
    public static partial void DirectoryRead(this ILogger log, long version);

    [LoggerMessage(3601, LogLevel.Error, "The database does not answer: what was read last stays in force, revocations are not noticed")]
    public static partial void DatabaseUnreachable(this ILogger log, Exception cause);

    [LoggerMessage(3602, LogLevel.Information, "The database answers again")]
    public static partial void DatabaseIsBack(this ILogger log);
}
