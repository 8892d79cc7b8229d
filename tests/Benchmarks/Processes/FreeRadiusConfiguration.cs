namespace Passthrough.Benchmarks.Processes;

/// <summary>FreeRADIUS with rlm_ldap, as people run it for this: looks a name up with a service account, then binds with the
/// password, both on a pool of kept connections.</summary>
/// <param name="Folder">Holds the configuration, as radiusd.conf.</param>
/// <param name="Workers">Threads, and connections of the LDAP pool: each check holds one of both while it waits for the
/// directory.</param>
/// <param name="Filter">Finds the account of <c>%{User-Name}</c>.</param>
/// <param name="BeforeLookup">Unlang that runs before the look-up; may be empty.</param>
internal sealed record FreeRadiusConfiguration(
    string Folder, int Port, string Secret, int Workers, string DirectoryUri, string CaFile, string BaseDn, string ServiceAccount,
    string ServiceAccountPassword, string Filter, string BeforeLookup = "")
{
    /// <summary>The text of radiusd.conf.</summary>
    public override string ToString() =>
        $$"""
        prefix = /usr
        raddbdir = {{Folder}}
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
          secret = {{Secret}}
          require_message_authenticator = yes
        }
        thread pool {
          start_servers = {{Workers}}
          max_servers = {{Workers}}
          min_spare_servers = 1
          max_spare_servers = {{Workers}}
          max_requests_per_server = 0
        }
        modules {
          ldap {
            server = "{{DirectoryUri}}"
            identity = "{{ServiceAccount}}"
            password = "{{ServiceAccountPassword}}"
            base_dn = "{{BaseDn}}"
            user_dn = "LDAP-UserDn"
            user {
              base_dn = "${..base_dn}"
              filter = "{{Filter}}"
            }
            options {
              chase_referrals = no
              res_timeout = 10
              srv_timelimit = 10
              net_timeout = 5
            }
            tls {
              ca_file = {{CaFile}}
              require_cert = demand
            }
            pool {
              start = {{Workers}}
              min = {{Workers}}
              max = {{Workers}}
              spare = {{Workers}}
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
            port = {{Port}}
          }
          authorize {
            {{BeforeLookup}}
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
