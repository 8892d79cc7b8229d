using Passthrough.Agent.Monitoring;
using Passthrough.Agent.Operator;
using Passthrough.Audit;
using Passthrough.Decisions.Lockout;
using Passthrough.Directories;

namespace Passthrough.Agent.Hosting;

/// <summary>What a site decides about its agent: the root of agent.json. Each option says its default, unit and range;
/// <see cref="AgentOptionsValidator"/> keeps the ranges, docs/CONFIGURATION.md lists them.</summary>
public sealed class AgentOptions
{
    /// <summary>The directory for what must outlive the process: identity, journal. Made with mode 0700 if it is missing.
    /// Default /var/lib/passthrough-agent; an absolute path.</summary>
    public string StateDirectory { get; set; } = "/var/lib/passthrough-agent";

    /// <summary>The forests whose passwords this agent checks. At least one, at most 100; the gateway must have enrolled the
    /// agent for them.</summary>
    public IList<ForestOptions> Forests { get; set; } = [];

    /// <summary>Attempts that the agent works on at once, and as many again that may wait; told to each gateway. Default
    /// 256; 1 to 65,535.</summary>
    public int Credits { get; set; } = 256;

    /// <summary>How long a stop waits for the attempts in flight. Default 15 s; 0 s to 5 min.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The local socket that pbm talks to. Its directory is made with mode 0700 if it is missing. Default
    /// /run/passthrough-agent/operator.sock; an absolute path of at most 107 bytes. The dashboard's is beside it and ends in .http.</summary>
    public string OperatorSocket { get; set; } = "/run/passthrough-agent/operator.sock";

    /// <summary>Where monitoring systems ask how the agent is.</summary>
    public MonitoringOptions Monitoring { get; set; } = new();

    /// <summary>The port for operators elsewhere.</summary>
    public OperatorOptions Operator { get; set; } = new();

    /// <summary>This agent's place among the agents of the site.</summary>
    public ClusterNodeOptions Cluster { get; set; } = new();

    /// <summary>Where failures and locks are kept.</summary>
    public JournalOptions Journal { get; set; } = new();

    /// <summary>How many wrong passwords lock an account, and for how long. The same on every agent of a cluster.</summary>
    public LockoutPolicy Lockout { get; set; } = new();

    /// <summary>The audit and sign-in log of this agent.</summary>
    public AuditOptions Audit { get; set; } = new();
}
