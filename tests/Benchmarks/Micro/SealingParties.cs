using System.Security.Cryptography;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Benchmarks.Micro;

/// <summary>One gateway and one agent that have each other's keys.</summary>
internal sealed class SealingParties
{
    private static readonly AgentIdentity Agent = new("contoso", "agent-1");
    private readonly ECDsa _certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DateTimeOffset _now;
    private readonly AgentSealingKey _key;
    private readonly SealingKey _offer;

    public SealingParties(DateTimeOffset now)
    {
        _now = now;
        _key = AgentSealingKey.Create(Agent, now);
        _offer = _key.Offer(_certificateKey);
    }

    public static AttemptHeader NewHeader(DateTimeOffset now) => new(
        "contoso", "corp.example", Guid.CreateVersion7(now), "user00001@corp.example", now.ToUnixTimeMilliseconds(), 8_000, 1, Guid.Empty);

    public SealingSessionSender OpenSender() =>
        SealingSessionSender.TryOpen(_offer, Agent, _certificateKey, _now, out var sender) == OfferFault.None
            ? sender!
            : throw new InvalidOperationException("The agent's own offer was refused.");

    public (SealingSessionSender Sender, SealingSessionReceiver Receiver) OpenSession()
    {
        // An agent's key accepts a bounded number of sessions; each pair gets a key of its own.
        var key = AgentSealingKey.Create(Agent, _now);
        if (SealingSessionSender.TryOpen(key.Offer(_certificateKey), Agent, _certificateKey, _now, out var sender) != OfferFault.None
            || key.TryAccept(sender!.Announcement, _now, out var receiver) != SessionFault.None)
        {
            throw new InvalidOperationException("A session could not be opened.");
        }

        return (sender, receiver!);
    }
}
