using Passthrough.Agent.Monitoring;
using Passthrough.Audit;
using Passthrough.Gateway.SignIn;

namespace Passthrough.Gateway.Hosting;

/// <summary>What a site decides about its gateway: the root of gateway.json. Each option says its default, unit and range;
/// <see cref="GatewayOptionsValidator"/> keeps the ranges, docs/GATEWAY.md lists them.</summary>
public sealed class GatewayOptions
{
    /// <summary>The directory for what must outlive the process: the CA and, unless PostgreSQL is used, the database. Made with
    /// mode 0700 if it is missing. Default /var/lib/passthrough-gateway; an absolute path.</summary>
    public string StateDirectory { get; set; } = "/var/lib/passthrough-gateway";

    /// <summary>DNS names and IP addresses under which agents and people reach this gateway; they stand in its server
    /// certificates, and the first in the addresses that agents are told. Default: this machine's name, localhost, 127.0.0.1 and
    /// ::1; at most 100.</summary>
    public IList<string> Names { get; set; } = [];

    public DatabaseOptions Database { get; set; } = new();

    public ListenerOptions Listen { get; set; } = new();

    public PageOptions Page { get; set; } = new();

    public AgentsOptions Agents { get; set; } = new();

    public SignInOptions SignIn { get; set; } = new();

    public AuditOptions Audit { get; set; } = new();

    internal AuditPlace AuditPlace => new(StateDirectory, Audit);

    /// <summary>Where monitoring systems ask how the gateway is. Another port than an agent's, for machines that run both.</summary>
    public MonitoringOptions Monitoring { get; set; } = new() { Listen = "127.0.0.1:9120" };
}

/// <summary>Where the gateway keeps what it remembers.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The file that holds the connection string of a PostgreSQL, mode 0600; all instances of a gateway share one. Default
    /// empty: SQLite, in gateway.db of the state directory.</summary>
    public string ConnectionStringFile { get; set; } = "";
}

/// <summary>Addresses that are listened on. Port 0 lets the system choose; the ready line tells which.</summary>
public sealed class ListenerOptions
{
    /// <summary>An IP address. Default empty: all addresses of the machine.</summary>
    public string Address { get; set; } = "";

    /// <summary>For people and services: the sign-in page and the JSON endpoint, HTTPS. Default 8443; 0 to 65,535.</summary>
    public int PagePort { get; set; } = 8443;

    /// <summary>For agents that enrol. Default 8444; 0 to 65,535.</summary>
    public int EnrolmentPort { get; set; } = 8444;

    /// <summary>For enrolled agents; mutual TLS. Default 8445; 0 to 65,535.</summary>
    public int StreamPort { get; set; } = 8445;
}

/// <summary>The page's own certificate. Default none: one from the private CA, which browsers do not know.</summary>
public sealed class PageOptions
{
    /// <summary>PEM, leaf first. Read again when it changes.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM, not encrypted.</summary>
    public string PrivateKeyFile { get; set; } = "";
}

/// <summary>How agents are treated.</summary>
public sealed class AgentsOptions
{
    /// <summary>Lifetime of an agent's certificate; the agent renews it past half of that. Default 24 h; 10 s to 30 d.</summary>
    public TimeSpan CertificateLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Time from a request to its answer, whatever happens in between. Default 8 s; 1 s to 25 s.</summary>
    public TimeSpan VerdictTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a request waits for an agent that has room before it is answered "try again later". Default 500 ms;
    /// 0 s to 1 s.</summary>
    public TimeSpan CapacityWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time between two heartbeats, both ways. An agent that is silent for twice as long is taken for dead. Default
    /// 5 s; 100 ms to 30 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An agent that is silent for so long while work of it is unanswered gets no new work as long as another can take
    /// it. Default 2 s; 100 ms to 30 s.</summary>
    public TimeSpan SuspectAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Addresses that agents are told to connect to, https://host:port, one for each gateway instance. Default: the
    /// first of the names, with the stream's port; at most 16.</summary>
    public IList<string> StreamAddresses { get; set; } = [];
}
