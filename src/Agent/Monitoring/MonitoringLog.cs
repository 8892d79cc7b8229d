#pragma warning disable IDE0005 // Compiled into the gateway too, whose SDK uses some of these by itself.
using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Monitoring;

internal static partial class MonitoringLog
{
    [LoggerMessage(2800, LogLevel.Information, "Health and metrics are told at {Address}")]
    public static partial void Listening(this ILogger log, Uri address);

    [LoggerMessage(2801, LogLevel.Error,
        "Monitoring.Listen {Listen} cannot be listened on: {Reason}. Sign-ins go on; health and metrics are not told until another address is configured and the program started anew")]
    public static partial void NotListening(this ILogger log, string listen, string reason);
}
