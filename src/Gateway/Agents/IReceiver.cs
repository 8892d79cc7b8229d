using Passthrough.Gateway.Storage;
using Passthrough.Wire.Sealing;

namespace Passthrough.Gateway.Agents;

/// <summary>An agent that one attempt, or one question for a name, can be sent to: one credit of it is taken. It has a stream to this
/// instance or to another.</summary>
internal interface IReceiver
{
    AgentEntry Agent { get; }

    /// <summary>The session to wrap under; null if there is none.</summary>
    SealingSessionSender? Session(DateTimeOffset now);

    /// <summary>Gives the credit back: nothing is sent.</summary>
    void GiveBack();

    /// <summary>Sends under the credit, and waits for the end, by the dispatch's deadline.</summary>
    /// <exception cref="OperationCanceledException">Who asks does not want to know any more.</exception>
    Task<DispatchReply> SendAsync(Dispatch dispatch, CancellationToken cancel);
}
