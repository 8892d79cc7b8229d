using System.Globalization;
using Passthrough.Benchmarks.Processes;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;
using Xunit.Abstractions;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>The guesses of <see cref="GuessTests"/> against what people run today, FreeRADIUS with rlm_ldap, before the same domain
/// controllers: nothing bounds them but the directory's own threshold, which then keeps the owner out. Asked for by its own trait; needs
/// <c>ops/install-packages bench</c>. BASELINE_RUNS is the number of runs of each, 1 if it is not set.</summary>
[Trait("needs", "minutes"), Collection("lab")]
public sealed class BaselineGuessTests(ITestOutputHelper output)
{
    private const string Secret = "lab-only";

    /// <summary>The lab's lockoutThreshold (ops/lab/README.md).</summary>
    private const int Threshold = 999;

    private static readonly string LabCommand = Path.Combine(Installation.RepositoryRoot, "ops/lab/lab");
    private static readonly int Port = PortRange.Mine;
    private static readonly LabPerson Victim = LabPeople.All.Last(person => person.State == "load");
    private static readonly Dictionary<string, string> NoEnvironment = [];

    [Fact]
    public async Task Nothing_bounds_the_guesses_that_reach_a_controller()
    {
        var folder = Directory.CreateTempSubdirectory("baseline-guess-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "radiusd.conf"), Configuration(folder.FullName));
        await using (var server = ServiceProcess.Start(
            Path.Combine(folder.FullName, "log"), NoEnvironment, "freeradius", "-f", "-d", folder.FullName, "-n", "radiusd"))
        {
            await Eventually.TrueAsync($"FreeRADIUS answers ({server.LogFile})", TimeSpan.FromSeconds(30), () =>
                Task.FromResult(server.Log().Contains("Ready to process requests", StringComparison.Ordinal)));
            Assert.True(await IsAcceptedAsync(folder.FullName));
            var runs = int.Parse(Environment.GetEnvironmentVariable("BASELINE_RUNS") ?? "1", CultureInfo.InvariantCulture);
            foreach (var parallel in new[] { 10, 100, 1_000 })
            {
                for (var run = 0; run < runs; run++)
                {
                    var before = await BadPasswordCount.OfAsync(Victim.Account);
                    var said = await AskAsync(
                        folder.FullName, [.. Enumerable.Range(0, parallel).Select(i => (Spellings[i % Spellings.Length], $"guess {i}"))]);
                    var reached = await BadPasswordCount.OfAsync(Victim.Account) - before;
                    var rejected = said.Split("Received Access-Reject").Length - 1;
                    output.WriteLine($"FreeRADIUS, {parallel} at once, run {run}: {reached} reached a controller; {rejected} rejected");
                    if (parallel > Threshold)
                    {
                        output.WriteLine("the right password: " + (await IsAcceptedAsync(folder.FullName) ? "accepted" : "rejected"));
                        await ServiceProcess.RunAsync(NoEnvironment, LabCommand, "enter", "dc1", "samba-tool", "user", "unlock", Victim.Account);
                    }

                    // It also resets the controller's count.
                    Assert.True(await IsAcceptedAsync(folder.FullName));
                    Assert.Equal((Math.Min(parallel, Threshold), parallel), (reached, rejected));
                }
            }
        }

        folder.Delete(recursive: true);
    }

    /// <summary>Eight that the configuration below finds.</summary>
    private static readonly string[] Spellings =
    [
        $"{Victim.Account}@corp.example", $"{Victim.Account.ToUpperInvariant()}@Corp.Example", $"{Victim.Account}@CORP.EXAMPLE", Victim.Account,
        Victim.Account.ToUpperInvariant(), $@"CORP\{Victim.Account}", $@"corp\{Victim.Account}", $@"corp\{Victim.Account.ToUpperInvariant()}",
    ];

    private static async Task<bool> IsAcceptedAsync(string folder) =>
        (await AskAsync(folder, [(Victim.Account, Victim.Password)])).Contains("Received Access-Accept", StringComparison.Ordinal);

    /// <summary>All of them at once; gives what radclient says.</summary>
    private static async Task<string> AskAsync(string folder, (string Name, string Password)[] guesses)
    {
        var requests = Path.Combine(folder, "requests");
        // radclient unescapes its input.
        await File.WriteAllTextAsync(requests, string.Join('\n', guesses.Select(guess =>
            $"User-Name = \"{guess.Name.Replace(@"\", @"\\", StringComparison.Ordinal)}\"\nUser-Password = \"{guess.Password}\"\nMessage-Authenticator = 0x00\n")));
        // With a thousand in flight radclient once hung.
        var inFlight = Math.Min(guesses.Length, 250);
        // It fails when a request was rejected, which most are here.
        var (_, said, error) = await ServiceProcess.TryRunAsync(
            NoEnvironment, "radclient", "-f", requests, "-p", $"{inFlight}", "-r", "1", "-t", "30", $"127.0.0.1:{Port}", "auth", Secret);
        return said + error;
    }

    private static string Configuration(string folder)
    {
        var service = LabPeople.Of("corp.example", "svc-ldap");
        const string StripDomain = """
            if (&User-Name =~ /^corp.([a-z0-9]+)$/i) {
              update request {
                &Stripped-User-Name := "%{1}"
              }
            }
            """;
        return $"{new FreeRadiusConfiguration(
            folder, Port, Secret, Workers: 32, $"ldaps://{DirectoryLab.Dc1}", LabPeople.Variable("LAB_CA"), "DC=corp,DC=example", service.Name,
            service.Password, "(|(sAMAccountName=%{%{Stripped-User-Name}:-%{User-Name}})(userPrincipalName=%{User-Name}))", StripDomain)}";
    }
}
