namespace Passthrough.Gateway.Instances;

internal static partial class InstancesLog
{
    [LoggerMessage(3100, LogLevel.Warning,
        "Another gateway instance uses the address {Address} too: give each instance a first name (Names) of its own, or agents reach only one")]
    public static partial void AddressIsShared(this ILogger log, string address);

    [LoggerMessage(3101, LogLevel.Debug, "Gateway instance {Instance} did not say which agents it has: {Reason}")]
    public static partial void InstanceSilent(this ILogger log, Uri instance, string reason);
}
