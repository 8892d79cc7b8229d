namespace Passthrough.Gateway.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(3800, LogLevel.Information, "The page's certificate {File} has changed and is in use")]
    public static partial void PageCertificateReread(this ILogger log, string file);

    [LoggerMessage(3801, LogLevel.Error, "The page's certificate {File} has changed and cannot be used: the former one serves on")]
    public static partial void PageCertificateUnreadable(this ILogger log, Exception cause, string file);

    [LoggerMessage(3802, LogLevel.Information,
        "The gateway listens: page {Page}, enrolment {Enrolment}, agent stream {Stream}; CA {CaFingerprint}")]
    public static partial void Listening(this ILogger log, Uri page, Uri enrolment, Uri stream, string caFingerprint);

    [LoggerMessage(3803, LogLevel.Information, "The gateway stops: no new request is taken, {InProgress} are being answered")]
    public static partial void Stopping(this ILogger log, int inProgress);

    [LoggerMessage(3804, LogLevel.Warning, "{Streams} agent streams had work in hand when the time to stop was over")]
    public static partial void StoppedEarly(this ILogger log, int streams);
}
