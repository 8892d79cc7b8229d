using System.Globalization;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;
using Xunit.Abstractions;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>The guesses of <see cref="GuessTests"/> against what people run today, FreeRADIUS with rlm_ldap, before the same domain
/// controllers: nothing bounds them but the directory's own threshold, which then keeps the owner out. Asked for by its own trait; needs <c>ops/install-packages bench</c>. BASELINE_RUNS is the
/// number of runs of each, 1 if it is not set.</summary>
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
        return $$$"""
            prefix = /usr
            raddbdir = {{{folder}}}
            confdir = ${raddbdir}
            modconfdir = ${raddbdir}
            certdir = ${raddbdir}
            db_dir = ${raddbdir}
            run_dir = ${raddbdir}
            logdir = ${raddbdir}
            libdir = /usr/lib/freeradius
            name = freeradius
            max_request_time = 60
            cleanup_delay = 0
            max_requests = 65536
            hostname_lookups = no
            proxy_requests = no
            log {
              destination = stdout
              auth = no
            }
            security {
              allow_core_dumps = no
              max_attributes = 200
              reject_delay = 0
              status_server = no
            }
            client driver {
              ipaddr = 127.0.0.1
              secret = {{{Secret}}}
              require_message_authenticator = yes
            }
            thread pool {
              start_servers = 32
              max_servers = 32
              min_spare_servers = 1
              max_spare_servers = 32
              max_requests_per_server = 0
            }
            modules {
              ldap {
                server = "ldaps://{{{DirectoryLab.Dc1}}}"
                identity = "{{{service.Name}}}"
                password = "{{{service.Password}}}"
                base_dn = "DC=corp,DC=example"
                user_dn = "LDAP-UserDn"
                user {
                  base_dn = "${..base_dn}"
                  filter = "(|(sAMAccountName=%{%{Stripped-User-Name}:-%{User-Name}})(userPrincipalName=%{User-Name}))"
                }
                options {
                  chase_referrals = no
                  res_timeout = 30
                  srv_timelimit = 30
                  net_timeout = 10
                }
                tls {
                  ca_file = {{{LabPeople.Variable("LAB_CA")}}}
                  require_cert = demand
                }
                pool {
                  start = 4
                  min = 4
                  max = 32
                  spare = 4
                  uses = 0
                  lifetime = 0
                  idle_timeout = 0
                }
              }
            }
            server default {
              listen {
                type = auth
                ipaddr = 127.0.0.1
                port = {{{Port}}}
              }
              authorize {
                if (&User-Name =~ /^corp.([a-z0-9]+)$/i) {
                  update request {
                    &Stripped-User-Name := "%{1}"
                  }
                }
                ldap
                if (ok || updated) {
                  update control {
                    Auth-Type := LDAP
                  }
                }
              }
              authenticate {
                Auth-Type LDAP {
                  ldap
                }
              }
            }

            """;
    }
}
