using System.Net;

namespace Passthrough.Gateway.TenantPage;

/// <summary>Event ids 3860 to 3899.</summary>
internal static partial class TenantPageLog
{
    [LoggerMessage(3860, LogLevel.Warning, "A key that opens no tenant's page was typed, from {Source}")]
    public static partial void PageKeyRefused(this ILogger log, IPAddress? source);

    [LoggerMessage(3861, LogLevel.Warning, "Page key {KeyId} signed out in one browser only, its other sessions go on: {Reason}")]
    public static partial void SignOutNotStored(this ILogger log, string keyId, string reason);

    [LoggerMessage(3862, LogLevel.Error, "A tenant page cannot use the audit log: {Reason}")]
    public static partial void LogUnreadable(this ILogger log, string reason);
}
