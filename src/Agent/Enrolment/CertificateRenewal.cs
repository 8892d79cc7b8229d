using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Renewal;
using Passthrough.Wire.V1;
using StreamClient = Passthrough.Wire.V1.AgentStream.AgentStreamClient;

namespace Passthrough.Agent.Enrolment;

/// <summary>Replaces the certificate past half of its life: a new key, a certificate for it under the old one, stored, then put
/// to use; the links change over by themselves. Stops the agent if the certificate ends all the same.</summary>
internal sealed class CertificateRenewal(
    EnrolmentRecord enrolment, GatewayList gateways, IdentityStore store, CurrentIdentity current, HostFaults faults, TimeProvider clock,
    ILogger<CertificateRenewal> log) : BackgroundService
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var identity = current.Value;
                await DelayUntilAsync(
                    RenewalSchedule.RenewAt(identity.LifeBegan, identity.NotAfter, Random.Shared.NextDouble()), stoppingToken);
                while (!await TryRenewAsync(identity, stoppingToken))
                {
                    var retryIn = RenewalSchedule.RetryIn(clock.GetUtcNow(), identity.NotAfter);
                    log.RenewalPostponed(retryIn.TotalMilliseconds);
                    await Task.Delay(retryIn, clock, stoppingToken);
                }
            }
        }
        catch (StartFaultException e)
        {
            faults.Stop(e.Faults[0]);
        }
    }

    /// <summary>Asks each gateway in turn, since any of them will do.</summary>
    /// <exception cref="StartFaultException">The certificate has ended: only a new token helps.</exception>
    private async Task<bool> TryRenewAsync(StoredIdentity identity, CancellationToken cancel)
    {
        foreach (var gateway in gateways.Now)
        {
            store.CheckTime(identity);
            if (await TryRenewAsync(identity, gateway, cancel))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> TryRenewAsync(StoredIdentity identity, Uri gateway, CancellationToken cancel)
    {
        var tls = new GatewayTls(gateway, identity.Authority, identity.Certificate, clock);
        using var channel = tls.Connect();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(CallTimeout);
        try
        {
            var order = ByteString.CopyFrom(CertificateOrder.Write(enrolment.AgentName, key));
            var reply = await new StreamClient(channel)
                .RenewAsync(new RenewRequest { CertificateRequest = order }, cancellationToken: timeout.Token);
            if (CertificateOrder.Check(reply.Certificates, key, identity.Authority, clock) is not { } chain
                || Wire.Identity.AgentIdentity.From(chain[0]) != identity.Name)
            {
                log.NotRenewed(gateway, identity.NotAfter, "what it sent is not a certificate for this agent's new key");
                return false;
            }

            store.Save(key, chain);
            current.Replace(store.Load());
            log.Renewed(gateway, current.Value.NotAfter);
            return true;
        }
        catch (RpcException e)
        {
            cancel.ThrowIfCancellationRequested();
            log.NotRenewed(gateway, identity.NotAfter, (tls.Refusal ?? GatewayFaults.ExplainStream(e, gateway)).ToString());
            return false;
        }
        catch (StartFaultException e) when (e.Faults[0].Kind == FaultKind.StateNotWritable)
        {
            log.NotRenewed(gateway, identity.NotAfter, e.Faults[0].ToString());
            return false;
        }
    }

    private async Task DelayUntilAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        // In steps: the longest timer is 49 days, and a clock that is set meanwhile is noticed.
        for (var left = instant - clock.GetUtcNow(); left > TimeSpan.Zero; left = instant - clock.GetUtcNow())
        {
            await Task.Delay(left < TimeSpan.FromMinutes(1) ? left : TimeSpan.FromMinutes(1), clock, cancel);
        }
    }
}
