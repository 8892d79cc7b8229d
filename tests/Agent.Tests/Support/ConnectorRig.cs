using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Support;

/// <summary>The agent's side of the streams, with work that a test scripts.</summary>
internal sealed class ConnectorRig : IAsyncDisposable
{
    public static readonly AgentIdentity Name = new("acme", "a1");

    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("passthrough-connector-");
    private readonly WorkerRig _worker = new();
    private readonly GatewayConnector _connector;

    public ConnectorRig(
        TestAuthority authority, IEnumerable<Uri> gateways, Func<IncomingAttempt, Task<FromAgent?>> work,
        int credits = 8, TimeSpan? drainTimeout = null, NameFinder? finder = null, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        var options = new AgentOptions { Credits = credits, DrainTimeout = drainTimeout ?? TimeSpan.FromSeconds(60) };
        Faults = new HostFaults(_lifetime);
        Policy = new PolicyStore(StateDirectory, options.Lockout, PolicyLog);
        Identity = new CurrentIdentity(NewIdentity(authority));
        var record = new EnrolmentRecord("a1", "test", "acme", ["corp.example"], [.. gateways]);
        Gateways = new GatewayList(new IdentityStore(StateDirectory, clock), record, new CapturedLog<GatewayList>());
        _connector = new GatewayConnector(
            options,
            Gateways,
            Identity,
            Keyring,
            new Intake(credits, work),
            finder ?? _worker.Finder,
            Policy,
            () => new AgentHeartbeat { Healthy = true },
            () => Suffixes,
            Faults,
            clock,
            new SteadyClock(clock),
            Log);
    }

    public HostFaults Faults { get; }

    public GatewayList Gateways { get; }

    /// <summary>What the forests say of their names.</summary>
    public IReadOnlyList<SiteSuffixes> Suffixes { get; set; } = [];

    public CapturedLog<PolicyStore> PolicyLog { get; } = new();

    /// <summary>Kept in a directory of its own.</summary>
    public PolicyStore Policy { get; }

    public string StateDirectory => _state.FullName;

    public CancellationToken Stopping => _lifetime.ApplicationStopping;

    public CurrentIdentity Identity { get; }

    public SealingKeyring Keyring { get; } = new(Name);

    public CapturedLog<GatewayConnector> Log { get; } = new();

    public int Connected => _connector.Connected;

    public static StoredIdentity NewIdentity(TestAuthority authority)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = authority.ForAgentKey(new PublicKey(key));
        return new StoredIdentity(bare.CopyWithPrivateKey(key), authority.Certificate, Name, TimeProvider.System.GetUtcNow());
    }

    public void TellLockEnded(AccountKey account) => _connector.TellLockEnded(account);

    public Task StartAsync() => _connector.StartAsync(CancellationToken.None);

    public Task StopAsync() => _connector.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _connector.Dispose();
        Keyring.Dispose();
        _worker.Dispose();
        _state.Delete(recursive: true);
    }
}
