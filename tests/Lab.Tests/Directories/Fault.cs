using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>A fault of the lab that is undone, whatever the test does.</summary>
internal sealed class Fault : IAsyncDisposable
{
    private static readonly Dictionary<string, string> NoMore = [];

    private readonly string[] _undo;

    private Fault(string[] undo) => _undo = undo;

    /// <summary>It accepts connections and answers nothing.</summary>
    public static Task<Fault> FrozenAsync(string controller) => MakeAsync(["freeze", controller], ["thaw", controller]);

    /// <summary>Connections are reset, new ones refused.</summary>
    public static Task<Fault> KilledAsync(string controller) => MakeAsync(["kill", controller], ["start", controller]);

    /// <summary>Packets vanish.</summary>
    public static Task<Fault> UnpluggedAsync(string controller) => MakeAsync(["unplug", controller], ["plug", controller]);

    /// <summary>Undoes it now, and waits until the controller can answer.</summary>
    public async ValueTask DisposeAsync() => await LabAsync(_undo);

    public static Task<string> LabAsync(params string[] arguments) =>
        ServiceProcess.RunAsync(NoMore, [Program, .. arguments]);

    private static string Program => Path.Combine(Path.GetDirectoryName(LabPeople.Variable("LAB_USERS"))!, "lab");

    private static async Task<Fault> MakeAsync(string[] make, string[] undo)
    {
        await LabAsync(make);
        return new Fault(undo);
    }
}
