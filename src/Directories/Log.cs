using Microsoft.Extensions.Logging;

namespace Passthrough.Directories;

/// <summary>Log lines of this room: event ids 1000 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning,
        "LabOnlyPlainLdap is on: passwords for forest {Forest} cross the network in the clear. Never with real people")]
    public static partial void PlainLdap(this ILogger log, string forest);

    [LoggerMessage(1001, LogLevel.Information, "Forest {Forest} has the domain controllers {DomainControllers}")]
    public static partial void Located(this ILogger log, string forest, string domainControllers);

    [LoggerMessage(1010, LogLevel.Information, "Forest {Forest}: this machine is in site {Site}, says {DomainController}")]
    public static partial void SiteLearned(this ILogger log, string forest, string site, string domainController);

    [LoggerMessage(1002, LogLevel.Warning, "Forest {Forest}: {Fault}")]
    public static partial void NotLocated(this ILogger log, string forest, string fault);

    [LoggerMessage(1003, LogLevel.Warning,
        "Domain controller {DomainController} failed: {Fault}; it gets no sign-in until it answers a probe, the next in {WaitMs} ms")]
    public static partial void Failed(this ILogger log, string domainController, string fault, double waitMs);

    [LoggerMessage(1004, LogLevel.Information, "Domain controller {DomainController} answers")]
    public static partial void Answers(this ILogger log, string domainController);

    [LoggerMessage(1005, LogLevel.Error, "Forest {Forest} cannot be asked for accounts: {Fault}")]
    public static partial void ServiceAccountFault(this ILogger log, string forest, string fault);

    [LoggerMessage(1006, LogLevel.Error,
        "More than one account of forest {Forest} answers to one name: {First} and {Second}. "
        + "Neither can sign in by it until one of them is renamed (userPrincipalName or sAMAccountName)")]
    public static partial void Ambiguous(this ILogger log, string forest, string first, string second);

    [LoggerMessage(1007, LogLevel.Warning,
        "The clocks of this machine and of domain controller {DomainController} differ by {DifferenceS} s; set the wrong one")]
    public static partial void ClockDiffers(this ILogger log, string domainController, double differenceS);

    [LoggerMessage(1008, LogLevel.Warning,
        "Domain controller {DomainController} refused a {Operation} with result {ResultCode}: {Diagnostic}")]
    public static partial void Refused(
        this ILogger log, string domainController, string operation, int resultCode, string diagnostic);

    [LoggerMessage(1009, LogLevel.Information,
        "An account of forest {Forest} was renamed, moved or removed since it was looked up: a refusal under its old name is no verdict")]
    public static partial void AccountMoved(this ILogger log, string forest);

    [LoggerMessage(1011, LogLevel.Warning,
        "Forest {Forest}: global catalog {DomainController} names an account in a domain that the forest's names do not have: {Account}")]
    public static partial void DomainUnknown(this ILogger log, string forest, string domainController, string account);
}
