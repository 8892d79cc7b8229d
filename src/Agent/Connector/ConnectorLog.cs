using Microsoft.Extensions.Logging;
using Passthrough.Wire.Sealing;

namespace Passthrough.Agent.Connector;

internal static partial class ConnectorLog
{
    [LoggerMessage(2300, LogLevel.Information, "Connected to gateway {Gateway}")]
    public static partial void Connected(this ILogger log, Uri gateway);

    [LoggerMessage(2301, LogLevel.Warning, "The stream to gateway {Gateway} ended: {Reason}")]
    public static partial void StreamEnded(this ILogger log, Uri gateway, string reason);

    [LoggerMessage(2302, LogLevel.Warning, "No stream to gateway {Gateway} after {Tries} tries: {Reason}")]
    public static partial void NotConnected(this ILogger log, Uri gateway, string reason, int tries);

    [LoggerMessage(2303, LogLevel.Warning, "Gateway {Gateway} announced a sealing session that is not accepted: {Fault}")]
    public static partial void SessionRefused(this ILogger log, Uri gateway, SessionFault fault);

    [LoggerMessage(2304, LogLevel.Information, "Gateway {Gateway} is draining: opening a stream to it anew")]
    public static partial void GatewayDrains(this ILogger log, Uri gateway);

    [LoggerMessage(2305, LogLevel.Information, "A new stream to gateway {Gateway} is up, the old one is drained")]
    public static partial void Replaced(this ILogger log, Uri gateway);

    [LoggerMessage(2306, LogLevel.Information, "The drained stream to gateway {Gateway} ended: {Reason}")]
    public static partial void Drained(this ILogger log, Uri gateway, string reason);

    [LoggerMessage(2307, LogLevel.Error, "The lockout policy of gateway {Gateway} is refused, the one before stays in force: {Faults}")]
    public static partial void PolicyRefused(this ILogger log, Uri gateway, string faults);

    [LoggerMessage(2308, LogLevel.Information, "Gateway {Gateway} set the lockout policy: {Numbers}")]
    public static partial void PolicyInForce(this ILogger log, Uri gateway, string numbers);

    [LoggerMessage(2309, LogLevel.Error, "The lockout policy is in force, but cannot be kept in {File} for the next start: {Reason}")]
    public static partial void PolicyNotKept(this ILogger log, string file, string reason);

    [LoggerMessage(2313, LogLevel.Error,
        "The lockout policy in {File} cannot be used ({Reason}): the configured one is in force until a gateway sends another")]
    public static partial void KeptPolicyUnusable(this ILogger log, string file, string reason);

    [LoggerMessage(2310, LogLevel.Information, "Renewed the certificate at gateway {Gateway}: valid until {NotAfter:u}")]
    public static partial void Renewed(this ILogger log, Uri gateway, DateTimeOffset notAfter);

    [LoggerMessage(2311, LogLevel.Warning, "Gateway {Gateway} did not renew the certificate, which ends at {NotAfter:u}: {Reason}")]
    public static partial void NotRenewed(this ILogger log, Uri gateway, DateTimeOffset notAfter, string reason);

    [LoggerMessage(2312, LogLevel.Information, "The renewal is tried again in {DelayMs} ms")]
    public static partial void RenewalPostponed(this ILogger log, double delayMs);

    [LoggerMessage(2314, LogLevel.Information, "The gateway's instances are now {Gateways}")]
    public static partial void GatewaysChanged(this ILogger log, string gateways);

    [LoggerMessage(2315, LogLevel.Error, "The list of the gateway's instances cannot be kept for the next start: {Reason}")]
    public static partial void GatewaysNotKept(this ILogger log, string reason);

    [LoggerMessage(2316, LogLevel.Information, "{Gateway} is no longer one of the gateway's instances: its stream is drained")]
    public static partial void GatewayGone(this ILogger log, Uri gateway);
}
