using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>Connects the agent to every gateway instance it was told of, and disconnects it in good order.</summary>
internal sealed class GatewayConnector : BackgroundService
{
    private readonly IReadOnlyList<GatewayLink> _links;
    private readonly Intake _intake;
    private readonly HostFaults _faults;

    /// <param name="health">What a heartbeat tells of the agent; the streams add their own counts.</param>
    /// <param name="suffixes">What the forests say of their names now; a version that was told is not told again.</param>
    public GatewayConnector(
        AgentOptions options, EnrolmentRecord enrolment, CurrentIdentity identity, SealingKeyring keyring, Intake intake, NameFinder finder,
        PolicyStore policy, Func<AgentHeartbeat> health, Func<IEnumerable<SiteSuffixes>> suffixes, HostFaults faults, TimeProvider clock,
        SteadyClock steady, ILogger<GatewayConnector> log)
    {
        (_intake, _faults) = (intake, faults);
        var shared = new StreamShared(intake, finder, keyring, policy, health, suffixes, options.Credits, clock, steady, log);
        _links = [.. enrolment.StreamAddresses.Select(gateway => new GatewayLink(shared, gateway, identity, options.DrainTimeout))];
    }

    /// <summary>Gateways that this agent has a stream to.</summary>
    public int Connected => _links.Count(link => link.IsUp);

    /// <summary>Tells every gateway that an operator has ended the locks of an account, once that is stored: what they remember of
    /// them is over too.</summary>
    public void TellLockEnded(AccountKey account)
    {
        var ended = new LockEnded
        {
            Forest = account.Forest,
            Account = ByteString.CopyFrom(account.ObjectGuid.ToByteArray()),
        };
        foreach (var link in _links)
        {
            link.TellLockEnded(ended);
        }
    }

    /// <summary>Each link drains within the drain timeout.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _intake.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = _links.Select(link => link.RunAsync(OnFault, stoppingToken)).ToList();

        // A link ends by itself only if it broke; the host ends then rather than going on half deaf.
        await await Task.WhenAny(running);
        await Task.WhenAll(running);
    }

    /// <summary>One gateway that is of another version may be in the middle of an update; if all are, a human must act.</summary>
    private void OnFault()
    {
        if (_links.All(link => !link.IsUp && link.Fault is { Kind: FaultKind.VersionRefused }))
        {
            _faults.Stop(_links[0].Fault!);
        }
    }
}
