namespace Passthrough.Agent.Hosting;

/// <summary>The ways in which the agent refuses to enrol or to start. The number is the exit code of the process and the
/// number of the id that is printed; docs/CONFIGURATION.md lists them. Numbers are never used again for something else.</summary>
public enum FaultKind
{
    GatewayUnreachable = 10,
    TokenMalformed = 11,
    TokenUnknown = 12,
    TokenExpired = 13,
    TokenUsed = 14,
    WrongAuthority = 15,
    ClockWrong = 16,
    AlreadyEnrolled = 17,
    EnrolmentRefused = 18,
    GatewayNotUnderstood = 19,
    ConfigurationUnreadable = 20,
    ConfigurationWrong = 21,
    NotEnrolled = 22,
    KeyFileExposed = 23,
    StateDamaged = 24,
    CertificateExpired = 25,
    VersionRefused = 26,
    NoDomainController = 27,
    ServiceAccountRefused = 28,
    DirectoryUntrusted = 29,
    PortTaken = 30,
    StateNotWritable = 31,
    AlreadyRunning = 32,
    InputMissing = 33,
    AgentRefused = 34,
    ClusterNotStarted = 35,
    TakenOutOfCluster = 36,
    JournalNotMoved = 37,
    AuditUnusable = 60,

    /// <summary>Records were changed, removed or reordered.</summary>
    AuditBroken = 61,
}

/// <summary>One reason not to enrol or to start, in one line: what happened, to which thing, what to do next.</summary>
public sealed record StartFault(FaultKind Kind, string Message)
{
    /// <summary>What an operator searches for.</summary>
    public string Id => $"PTA-{(int)Kind:000}";

    public int ExitCode => (int)Kind;

    public override string ToString() => $"{Id} {Message}";
}

/// <summary>Carries the faults to the one place that prints them. The exit code is that of the first.</summary>
public sealed class StartFaultException(IReadOnlyList<StartFault> faults, Exception? cause = null)
    : Exception(string.Join(Environment.NewLine, faults), cause)
{
    public StartFaultException(FaultKind kind, string message, Exception? cause = null)
        : this([new StartFault(kind, message)], cause)
    {
    }

    public IReadOnlyList<StartFault> Faults { get; } = faults;
}
