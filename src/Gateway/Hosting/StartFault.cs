namespace Passthrough.Gateway.Hosting;

/// <summary>The ways in which the gateway, or its command line, refuses to work. The number is the exit code of the process and
/// the number of the id that is printed. Numbers are never used again for something else.</summary>
public enum FaultKind
{
    /// <summary>What the command named does not exist, exists already, or is not allowed.</summary>
    Refused = 1,

    /// <summary>The command line cannot be understood.</summary>
    Usage = 2,

    ConfigurationUnreadable = 20,
    ConfigurationWrong = 21,
    KeyFileExposed = 23,
    AuthorityDamaged = 24,
    PageCertificateWrong = 25,
    PortTaken = 30,
    StateNotWritable = 31,
    StateExposed = 34,
    DatabaseUnusable = 40,
    DatabaseOfAnotherAuthority = 41,

    AuditUnusable = 60,

    /// <summary>Records were changed, removed or reordered.</summary>
    AuditBroken = 61,
}

/// <summary>One reason to refuse, in one line: what happened, to which thing, what to do next.</summary>
public sealed record StartFault(FaultKind Kind, string Message)
{
    /// <summary>What an operator searches for.</summary>
    public string Id => $"PTG-{(int)Kind:000}";

    public int ExitCode => (int)Kind;

    public override string ToString() => $"{Id} {Message}";
}

/// <summary>Carries the faults to the one place that prints them. The exit code is that of the first.</summary>
public sealed class StartFaultException(IReadOnlyList<StartFault> faults, Exception? cause = null)
    : Exception(string.Join(Environment.NewLine, faults), cause)
{
    public StartFaultException(FaultKind kind, string message, Exception? cause = null)
        : this([new StartFault(kind, message.ReplaceLineEndings(" "))], cause)
    {
    }

    public IReadOnlyList<StartFault> Faults { get; } = faults;
}
