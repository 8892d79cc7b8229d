using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Enrolment;

public sealed class CertificateRenewalTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly ScratchDirectory _scratch = new();
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CapturedLog<CertificateRenewal> _log = new();

    [Fact]
    public async Task A_certificate_is_renewed_past_half_of_its_life_with_a_new_key_under_the_old_certificate()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var (asked, under) = (0, "");
        gateway.OnRenew = (request, context) =>
        {
            if (++asked == 1)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "in the middle of an update"));
            }

            under = context.GetHttpContext().Connection.ClientCertificate!.Thumbprint;
            return Reply(request);
        };
        var (store, current, renewal, faults) = Enrolled(gateway.StreamAddress, left: TimeSpan.FromMinutes(2));
        var old = current.Value;

        await renewal.StartAsync(default);
        await current.Replaced(old).InTime();
        await renewal.StopAsync(default);

        Assert.Equal(old.Certificate.Thumbprint, under);
        Assert.Equal(2, asked);
        Assert.NotEqual(
            old.SigningKey.ExportSubjectPublicKeyInfo(), current.Value.SigningKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(current.Value.Certificate.Thumbprint, store.Load().Certificate.Thumbprint);
        Assert.Null(faults.First);
    }

    [Fact]
    public async Task A_certificate_for_another_agent_is_not_taken()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        gateway.OnRenew = (request, _) =>
            new RenewReply { Certificates = { _authority.ForAgent(request.CertificateRequest, agentId: "somebody-else") } };
        var (store, current, renewal, _) = Enrolled(gateway.StreamAddress, left: TimeSpan.FromMinutes(2));
        var old = current.Value;

        await renewal.StartAsync(default);
        await Await.ThatAsync(() => _log.Has("not a certificate for this agent's new key"), "the refusal");
        await renewal.StopAsync(default);

        Assert.Same(old, current.Value);
        Assert.Contains(old.Certificate.ExportCertificatePem(), File.ReadAllText(store.IdentityFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_whose_certificate_ends_unrenewed_stops_and_says_what_to_do()
    {
        // Its end comes no sooner than the test lets it, however long the start takes.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (_, _, renewal, faults) = Enrolled(new Uri("https://127.0.0.1:1"), left: TimeSpan.FromSeconds(3), clock);

        await renewal.StartAsync(default);
        await Await.ThatAsync(() => _log.Has("did not renew"), "a try in vain");
        await Await.ThatAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return _lifetime.ApplicationStopping.IsCancellationRequested;
            },
            "the stop");

        Assert.Equal(FaultKind.CertificateExpired, faults.First!.Kind);
        await renewal.StopAsync(default);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _scratch.Dispose();
        _key.Dispose();
    }

    private RenewReply Reply(RenewRequest request) => new() { Certificates = { _authority.ForAgent(request.CertificateRequest) } };

    /// <summary>An agent that is past half of its certificate's life, and has <paramref name="left"/> of it.</summary>
    private (IdentityStore Store, CurrentIdentity Current, CertificateRenewal Renewal, HostFaults Faults) Enrolled(
        Uri gateway, TimeSpan left, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        var store = new IdentityStore(_scratch.Path, clock);
        var record = new EnrolmentRecord("a1", "test", "acme", ["corp.example"], [gateway]);
        var now = clock.GetUtcNow();
        var leaf = _authority.ForAgentKey(new PublicKey(_key), notBefore: now.AddHours(-2), notAfter: now + left);
        store.Save(record, _key, [leaf, _authority.Certificate]);
        File.SetLastWriteTimeUtc(store.IdentityFile, now.AddHours(-1).UtcDateTime);
        var (current, faults) = (new CurrentIdentity(store.Load()), new HostFaults(_lifetime));
        var gateways = new GatewayList(store, record, new CapturedLog<GatewayList>());
        return (store, current, new CertificateRenewal(record, gateways, store, current, faults, clock, _log), faults);
    }
}
