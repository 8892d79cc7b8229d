using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>Records the commands that administrators run in processes of their own: who, what, how it ended.</summary>
/// <param name="program">As its command is called.</param>
/// <param name="faultOf">One line for a fault that the program tells of; null for any other.</param>
public sealed class CommandAudit(
    IReadOnlyDictionary<string, string> environment, string program, Func<Exception, string?> faultOf, TimeProvider clock, TextWriter error)
{
    /// <summary>The user of the operating system, and who became it by sudo.</summary>
    public string By { get; } = environment.GetValueOrDefault("SUDO_USER") is { Length: > 0 } caller
        ? $"{caller} as {Environment.UserName}"
        : Environment.UserName;

    /// <summary>Runs the command and records it. What is done is done: that it could not be recorded is told, and no fault of it. What
    /// ends before there is a state directory has no log to be in.</summary>
    /// <param name="what">The command, without any secret of its line.</param>
    /// <param name="tenant">Asked afterwards: whose concern it was; null if the program has none.</param>
    /// <param name="reason">Why, as who runs it says; null: it was not said.</param>
    public async Task<T> RunAsync<T>(AuditPlace place, string what, Func<Task<T>> command, Func<string?>? tenant = null, string? reason = null)
    {
        var result = "failed";
        try
        {
            var done = await command();
            result = "done";
            return done;
        }
        catch (Exception e) when (faultOf(e) is { } fault)
        {
            result = fault;
            throw;
        }
        finally
        {
            if (place.HasState)
            {
                await AppendAsync(place, new AuditEntry.Act(clock.GetUtcNow(), By, what, result) { Tenant = tenant?.Invoke(), Reason = reason });
            }
        }
    }

    private async Task AppendAsync(AuditPlace place, AuditEntry.Act act)
    {
        try
        {
            await AuditLog.AppendAsync(place, act, clock, CancellationToken.None);
        }
        catch (AuditFaultException e)
        {
            await error.WriteLineAsync($"{program}: this command is not in the audit log: {e.Message}");
        }
    }
}
