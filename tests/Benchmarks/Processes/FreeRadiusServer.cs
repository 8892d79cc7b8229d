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
        scratch.WriteFile("freeradius/radiusd.conf", Configuration(folder, directory, port, secret, workers));
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

    private static string Configuration(string folder, SlapdServer directory, int port, string secret, int workers) =>
        $$"""
        prefix = /usr
        raddbdir = {{folder}}
        confdir = ${raddbdir}
        modconfdir = ${raddbdir}
        certdir = ${raddbdir}
        db_dir = ${raddbdir}
        run_dir = ${raddbdir}
        logdir = ${raddbdir}
        libdir = /usr/lib/freeradius
        name = freeradius
        max_request_time = 30
        # Nothing is sent twice here: replies need not be kept, and a wrong password is answered at once.
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
          secret = {{secret}}
          require_message_authenticator = yes
        }
        thread pool {
          start_servers = {{workers}}
          max_servers = {{workers}}
          min_spare_servers = 1
          max_spare_servers = {{workers}}
          max_requests_per_server = 0
        }
        modules {
          ldap {
            server = "{{directory.Uri}}"
            identity = "{{BenchUsers.ServiceAccountDn}}"
            password = "{{BenchUsers.ServiceAccountPassword}}"
            base_dn = "{{BenchUsers.NamingContext}}"
            user_dn = "LDAP-UserDn"
            user {
              base_dn = "${..base_dn}"
              filter = "(&(sAMAccountType={{BenchUsers.NormalUserAccount}})(userPrincipalName=%{User-Name}))"
            }
            options {
              chase_referrals = no
              res_timeout = 10
              srv_timelimit = 10
              net_timeout = 5
            }
            tls {
              ca_file = {{directory.CaFile}}
              require_cert = demand
            }
            pool {
              start = {{workers}}
              min = {{workers}}
              max = {{workers}}
              spare = {{workers}}
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
            port = {{port}}
          }
          authorize {
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
