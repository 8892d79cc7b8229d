namespace Passthrough.Benchmarks.EndToEnd;

/// <param name="Measured">Length of each measured phase under load.</param>
/// <param name="InFlight">Checks in flight at once under load.</param>
/// <param name="WrongPercent">Share of checks with a wrong password, 0 to 100.</param>
/// <param name="Users">Users in the directory.</param>
/// <param name="KeepLogs">Folder that gets the processes' logs; null keeps none.</param>
internal sealed record EndToEndOptions(TimeSpan Measured, int InFlight, double WrongPercent, int Users, string? KeepLogs)
{
    /// <summary>Checks before each measurement: just-in-time compilation, connection pools and sealing sessions come into
    /// being.</summary>
    public const int WarmUpChecks = 30_000;

    /// <summary>No more rounds than that, if it is slow.</summary>
    public const int MostWarmUpRounds = 8;

    public TimeSpan WarmUpRound { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Length of the phase with one check in flight, which shows what a check takes when nothing waits.</summary>
    public TimeSpan Alone { get; } = TimeSpan.FromSeconds(2);
}
