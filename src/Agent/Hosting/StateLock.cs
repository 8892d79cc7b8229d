namespace Passthrough.Agent.Hosting;

/// <summary>One running agent per state directory: two with one identity would take turns in being cut off, and two with one
/// journal would each think the other's writes a fault. Given back by the system however the process ends.</summary>
internal static class StateLock
{
    /// <exception cref="StartFaultException">Another process holds it, or the directory cannot be written.</exception>
    public static IDisposable Take(string stateDirectory)
    {
        var path = Path.Combine(stateDirectory, "agent.lock");
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartFaultException(FaultKind.StateNotWritable, $"{path} cannot be written: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new StartFaultException(
                FaultKind.AlreadyRunning,
                $"{path} is in use: another agent runs with this state directory ({e.Message}); stop it, or give this one a "
                + $"{nameof(AgentOptions.StateDirectory)} of its own",
                e);
        }
    }
}
