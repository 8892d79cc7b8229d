namespace Passthrough.OperatorConsole;

/// <summary>How the console ends: what a script may rely on.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The node refused, or it failed; also if one node of several did.</summary>
    public const int Failed = 1;

    /// <summary>The words are no command.</summary>
    public const int Usage = 2;

    /// <summary>The node could not be asked, or has ceased to answer.</summary>
    public const int Unreachable = 3;

    /// <summary>The operator's role does not allow it.</summary>
    public const int NotAllowed = 4;

    /// <summary>Ctrl-C ended a command that was not done. A tail that it ends is done.</summary>
    public const int Interrupted = 130;
}
