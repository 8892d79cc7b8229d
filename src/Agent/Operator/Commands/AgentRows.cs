using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>This agent, as it sees itself.</summary>
internal sealed class AgentRows(
    ActorSystem system, EnrolmentRecord enrolment, GatewayConnector gateways, Intake intake, CurrentIdentity identity, AgentOptions options)
{
    public static readonly ImmutableArray<ColumnDefinition> Columns =
    [
        new("address", "address"), new("state", "state"), new("gateways", "gateways"), new("inFlight", "in flight", ColumnKind.Number),
        new("certificateUntil", "certificate until"), new("version", "version"),
    ];

    public static readonly ArgumentDefinition Name = new("node", "An agent's name, agent id or address.") { IsRequired = true };

    /// <summary>No stream is open, and nothing is under way.</summary>
    public bool IsDrained => gateways.Connected == 0 && intake.Count == 0;

    public int InFlight => intake.Count;

    public IEnumerable<string> Short()
    {
        var self = Cluster.Get(system).SelfAddress;
        return
        [
            $"{self.Host}:{self.Port}", State, $"{gateways.Connected} of {gateways.Links.Count}", Plain.Number(intake.Count),
            Plain.Time(identity.Value.NotAfter), AgentCommand.ProgramVersion,
        ];
    }

    public IEnumerable<string> Details() =>
        [enrolment.AgentId, enrolment.Tenant, string.Join(", ", enrolment.Forests), Plain.Number(options.Credits), Plain.Time(identity.Value.LifeBegan)];

    private string State => gateways.Gate.IsOpen ? gateways.Connected > 0 ? "works" : "no gateway" : IsDrained ? "drained" : "draining";
}
