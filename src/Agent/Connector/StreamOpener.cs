using Grpc.Core;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Wire.V1;
using StreamClient = Passthrough.Wire.V1.AgentStream.AgentStreamClient;

namespace Passthrough.Agent.Connector;

/// <summary>Dials a gateway and greets it.</summary>
internal static class StreamOpener
{
    /// <exception cref="StartFaultException">It did not answer, is not ours, refuses this agent or speaks no version in common.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<GatewayStream> OpenAsync(StreamShared shared, Uri gateway, StoredIdentity identity, CancellationToken cancel)
    {
        var tls = new GatewayTls(gateway, identity.Authority, identity.Certificate, shared.Clock);
        var channel = tls.Connect();
        var life = new CancellationTokenSource();
        var (offered, credits) = (shared.Keyring.Offer(identity.SigningKey, shared.Steady.Now), shared.Credits());
        using var timeout = new CancellationTokenSource(StreamLimits.GreetingTimeout, shared.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            var call = new StreamClient(channel).Connect(cancellationToken: life.Token);
            var welcome = await GreetAsync(call, gateway, offered, credits, either.Token);
            return new GatewayStream(shared, gateway, identity, channel, call, life, welcome, offered, credits);
        }
        catch (Exception e)
        {
            shared.Keyring.Forget(offered);
            await life.CancelAsync();
            life.Dispose();
            channel.Dispose();
            cancel.ThrowIfCancellationRequested();
            throw e switch
            {
                RpcException when timeout.IsCancellationRequested => Silent(gateway, e),
                OperationCanceledException => Silent(gateway, e),
                RpcException rpc => new StartFaultException([tls.Refusal ?? GatewayFaults.ExplainStream(rpc, gateway)], e),
                StartFaultException known => known,
                _ => new StartFaultException(FaultKind.GatewayNotUnderstood, $"the stream to {gateway} failed: {e.Message}", e),
            };
        }
    }

    private static async Task<Welcome> GreetAsync(
        AsyncDuplexStreamingCall<FromAgent, FromGateway> call, Uri gateway, SealingKey offered, int credits, CancellationToken cancel)
    {
        var hello = new Hello
        {
            OldestVersion = StreamLimits.OldestVersion,
            NewestVersion = StreamLimits.NewestVersion,
            ProgramVersion = AgentCommand.ProgramVersion,
            Credits = (uint)credits,
            SealingKey = offered,
        };
        try
        {
            await call.RequestStream.WriteAsync(new FromAgent { Hello = hello }, cancel);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException && !cancel.IsCancellationRequested)
        {
            // The gateway has ended the call already, perhaps before it read a word: reading says with which refusal.
        }

        var first = await call.ResponseStream.MoveNext(cancel) ? call.ResponseStream.Current : new FromGateway();
        return first.BodyCase switch
        {
            FromGateway.BodyOneofCase.Welcome when first.Welcome.Version == StreamLimits.NewestVersion => first.Welcome,
            FromGateway.BodyOneofCase.Refused => throw new StartFaultException(
                FaultKind.VersionRefused,
                $"the gateway at {gateway} speaks versions {first.Refused.OldestVersion} to {first.Refused.NewestVersion} of the stream, this "
                + $"agent {StreamLimits.OldestVersion} to {StreamLimits.NewestVersion}: {first.Refused.Reason}; bring the older of the two up to date"),
            _ => throw new StartFaultException(
                FaultKind.GatewayNotUnderstood, $"{gateway} did not greet as a gateway does; is it the address of the agent stream?"),
        };
    }

    private static StartFaultException Silent(Uri gateway, Exception cause) => new(
        FaultKind.GatewayUnreachable,
        $"{gateway} did not answer within {StreamLimits.GreetingTimeout.TotalSeconds} s; check that this machine may connect to it",
        cause);
}
