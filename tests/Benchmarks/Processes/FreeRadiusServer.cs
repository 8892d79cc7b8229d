using Passthrough.Benchmarks.EndToEnd;
using Passthrough.Benchmarks.Load;

namespace Passthrough.Benchmarks.Processes;

/// <summary>FreeRADIUS with rlm_ldap against the same directory: it looks the name up with the service account, then
/// binds with the password, both on a pool of kept LDAPS connections. The baseline.</summary>
internal sealed class FreeRadiusServer : IAsyncDisposable
{
    private const string FreeRadius = "/usr/sbin/freeradius";

    private FreeRadiusServer(OwnedProcess process, int port, string sharedSecret) =>
        (Process, Port, SharedSecret) = (process, port, sharedSecret);

    public OwnedProcess Process { get; }

    public int Port { get; }

    public string SharedSecret { get; }

    /// <param name="workers">Threads, and connections of the LDAP pool: each check holds one of both while it waits for
    /// the directory.</param>
    public static async Task<FreeRadiusServer> StartAsync(
        ScratchFolder scratch, SlapdServer directory, int workers, CancellationToken cancel)
    {
        if (!File.Exists(FreeRadius)) throw new BenchmarkFault("freeradius is not installed: run ops/install-packages bench");
        var port = LoopbackPort.FreeUdp();
        var secret = Guid.NewGuid().ToString("N");
        var folder = scratch.CreateFolder("freeradius");
        scratch.WriteFile("freeradius/radiusd.conf", $"{new FreeRadiusConfiguration(
            folder, port, secret, workers, $"{directory.Uri}", directory.CaFile, BenchUsers.NamingContext, BenchUsers.ServiceAccountDn,
            BenchUsers.ServiceAccountPassword, $"(&(sAMAccountType={BenchUsers.NormalUserAccount})(userPrincipalName=%{{User-Name}}))")}");
        // -f keeps it in the foreground; -n names the configuration file.
        var process = OwnedProcess.Start(
            "freeradius", scratch.Combine("freeradius.log"), FreeRadius, ["-f", "-d", folder, "-n", "radiusd"]);
        var server = new FreeRadiusServer(process, port, secret);
        try
        {
            await process.WaitUntilAsync(inTime => server.AnswersAsync(inTime), TimeSpan.FromSeconds(20), cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        using var client = new RadiusClient(Port, SharedSecret, timeout: TimeSpan.FromMilliseconds(500));
        return (await client.CheckAsync(BenchUsers.Upn(0), BenchUsers.Password(0), cancel)).Outcome == CheckOutcome.Right;
    }
}
