using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>Connects the agent to every gateway instance it is told of, and disconnects it in good order.</summary>
internal sealed class GatewayConnector : BackgroundService
{
    private readonly Func<Uri, GatewayLink> _newLink;
    private readonly GatewayList _gateways;
    private readonly Intake _intake;
    private readonly HostFaults _faults;
    private readonly ILogger _log;
    private volatile IReadOnlyList<GatewayLink> _links = [];

    /// <param name="health">What a heartbeat tells of the agent; the streams add their own counts.</param>
    /// <param name="suffixes">What the forests say of their names now; a version that was told is not told again.</param>
    public GatewayConnector(
        AgentOptions options, GatewayList gateways, CurrentIdentity identity, SealingKeyring keyring, Intake intake, NameFinder finder,
        PolicyStore policy, Func<AgentHeartbeat> health, Func<IEnumerable<SiteSuffixes>> suffixes, HostFaults faults, TimeProvider clock,
        SteadyClock steady, ILogger<GatewayConnector> log)
    {
        (_gateways, _intake, _faults, _log) = (gateways, intake, faults, log);
        var shared = new StreamShared(
            intake, finder, keyring, policy, health, suffixes, () => CreditShare.Of(options.Credits, gateways.Now.Count), clock, steady, log, Gate);
        _newLink = gateway => new GatewayLink(shared, gateway, identity, options.DrainTimeout);
    }

    /// <summary>One to each gateway.</summary>
    public IReadOnlyList<GatewayLink> Links => _links;

    /// <summary>Whether it takes work.</summary>
    public WorkGate Gate { get; } = new();

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
        var (running, leaving) = (new Dictionary<GatewayLink, (Task Run, CancellationTokenSource End)>(), new List<Task>());
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = _gateways.Changed;
            Follow(_gateways.Now, running, leaving, stoppingToken);

            // A link ends by itself only if it broke; the host ends then rather than going on half deaf.
            var ended = await Task.WhenAny([changed.WaitAsync(stoppingToken), .. running.Values.Select(link => link.Run)]);
            if (running.Values.Any(link => link.Run == ended))
            {
                await ended;
                break;
            }

            leaving.RemoveAll(link => link.IsCompleted);
        }

        await Task.WhenAll([.. leaving, .. running.Values.Select(link => link.Run)]);
    }

    private void Follow(
        IReadOnlyList<Uri> gateways, Dictionary<GatewayLink, (Task Run, CancellationTokenSource End)> running, List<Task> leaving, CancellationToken stopping)
    {
        foreach (var (link, (run, end)) in running.Where(each => !gateways.Contains(each.Key.Gateway)).ToList())
        {
            _log.GatewayGone(link.Gateway);
            running.Remove(link);
            end.Cancel();
            leaving.Add(run);
        }

        foreach (var gateway in gateways.Where(gateway => running.Keys.All(link => link.Gateway != gateway)))
        {
            var (link, end) = (_newLink(gateway), CancellationTokenSource.CreateLinkedTokenSource(stopping));
            running[link] = (link.RunAsync(OnFault, end.Token), end);
        }

        _links = [.. running.Keys];
    }

    /// <summary>One gateway that is of another version may be in the middle of an update; if all are, a human must act.</summary>
    private void OnFault()
    {
        var links = _links;
        if (links.Count > 0 && links.All(link => !link.IsUp && link.Fault is { Kind: FaultKind.VersionRefused }))
        {
            _faults.Stop(links[0].Fault!);
        }
    }
}
