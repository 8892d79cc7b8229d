using Grpc.Core;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Instances;

/// <summary>An agent that is connected to another instance: what is sent to it is sealed for it here.</summary>
/// <param name="route">The forest that it was found for.</param>
/// <param name="room">Attempts that it took when that instance was asked.</param>
/// <param name="forget">That instance, or what it said of the agent, is not as it was.</param>
internal sealed class RemoteAgent(
    Uri instance, AgentEntry agent, TenantRoute route, SealingSlot seal, SealingKey key, int room, Func<GatewayPeer.GatewayPeerClient> client,
    Action forget, TimeProvider time)
{
    private int _inFlight;

    public Uri Instance => instance;

    public AgentEntry Agent => agent;

    public SealingSlot Seal => seal;

    public SealingKey Key => key;

    public AgentLoad Load(bool tried) => new(Volatile.Read(ref _inFlight), room, AgentStanding.Healthy, tried);

    /// <summary>Null if its room is taken, or nothing can be sealed for it.</summary>
    public IReceiver? TryTake()
    {
        if (Interlocked.Increment(ref _inFlight) <= room && seal.Fresh(time.GetUtcNow()) is { } session)
        {
            return new Taken(this, session);
        }

        Interlocked.Decrement(ref _inFlight);
        return null;
    }

    private async Task<DispatchReply> SendAsync(Dispatch dispatch, SealingSession session, CancellationToken cancel)
    {
        var left = time.GetElapsedTime(time.GetTimestamp(), dispatch.Deadline);
        if (left <= TimeSpan.Zero || !dispatch.TryMarkWritten((uint)Math.Ceiling(left.TotalMilliseconds)))
        {
            return new(DispatchEnd.NotWritten);
        }

        var message = dispatch.Message;
        var request = new ForwardRequest { Tenant = route.Tenant, Forest = route.Forest, AgentId = agent.Id };
        if (message.Attempt is { } attempt)
        {
            (request.Attempt, request.Session) = (attempt, session);
        }
        else
        {
            request.FindName = message.FindName;
        }

        using var late = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            return Read(await client().ForwardAsync(request, cancellationToken: either.Token));
        }
        catch (RpcException e)
        {
            cancel.ThrowIfCancellationRequested();
            if (late.IsCancellationRequested)
            {
                return new(DispatchEnd.OutOfTime);
            }

            // Nothing was sent where no connection came about; else the agent may have it.
            forget();
            return new(IsUnsent(e) ? DispatchEnd.NotWritten : DispatchEnd.StreamBroken);
        }
    }

    private DispatchReply Read(ForwardReply reply)
    {
        // A number that this program does not know says nothing of what was sent.
        var end = Enum.IsDefined((DispatchEnd)reply.End) ? (DispatchEnd)reply.End : DispatchEnd.StreamBroken;
        if (end is DispatchEnd.NotWritten or DispatchEnd.StreamBroken or DispatchEnd.CannotUnseal)
        {
            forget();
        }

        if (end == DispatchEnd.CannotUnseal)
        {
            seal.Distrust(time.GetUtcNow());
        }

        return new(end, reply.Answer, reply.NameFound);
    }

    private static bool IsUnsent(RpcException e) => e.Status.DebugException is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };

    private sealed class Taken(RemoteAgent agent, SealingSessionSender session) : IReceiver
    {
        public AgentEntry Agent => agent.Agent;

        public SealingSessionSender? Session(DateTimeOffset now) => session.IsFresh(now) ? session : null;

        public void GiveBack() => Interlocked.Decrement(ref agent._inFlight);

        public async Task<DispatchReply> SendAsync(Dispatch dispatch, CancellationToken cancel)
        {
            try
            {
                return await agent.SendAsync(dispatch, session.Announcement, cancel);
            }
            finally
            {
                GiveBack();
            }
        }
    }
}
