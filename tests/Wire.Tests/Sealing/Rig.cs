using System.Security.Cryptography;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>A gateway and one agent with a session between them. Time is a value that tests move.</summary>
internal sealed class Rig : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public Rig(string agentId = "agent-1", string tenant = "contoso")
    {
        Agent = new AgentIdentity(tenant, agentId);
        SealingKey = AgentSealingKey.Create(Agent, Start);
        Offer = SealingKey.Offer(CertificateKey);
        Assert.Equal(OfferFault.None, SealingSessionSender.TryOpen(Offer, Agent, CertificateKey, Start, out var sender));
        Sender = sender!;
        Assert.Equal(SessionFault.None, SealingKey.TryAccept(Sender.Announcement, Start, out var receiver));
        Receiver = receiver!;
    }

    public AgentIdentity Agent { get; }

    public ECDsa CertificateKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public AgentSealingKey SealingKey { get; }

    public SealingKey Offer { get; }

    public SealingSessionSender Sender { get; }

    public SealingSessionReceiver Receiver { get; }

    public static AttemptHeader Header(DateTimeOffset? issuedAt = null, ushort number = 1, string tenant = "contoso") => new(
        tenant, "corp.example", Guid.CreateVersion7(issuedAt ?? Start), "anna.berg@corp.example",
        (issuedAt ?? Start).ToUnixTimeMilliseconds(), 10_000, number, Guid.NewGuid());

    public static SealedAttempt Seal(AttemptHeader? header = null, string password = "correct horse battery") =>
        SealedAttempt.Seal(header ?? Header(), System.Text.Encoding.UTF8.GetBytes(password));

    /// <summary>The message for this agent alone, 8 s before the deadline.</summary>
    public Attempt Message(SealedAttempt attempt, DateTimeOffset? now = null) =>
        attempt.For([Sender], now ?? Start, TimeSpan.FromSeconds(8))!;

    public OpenedAttempt Open(Attempt message, DateTimeOffset? now = null)
    {
        Assert.Equal(UnwrapFault.None, Receiver.TryUnwrap(message, now ?? Start, out var opened));
        return opened!;
    }

    public UnwrapFault Fault(Attempt message, DateTimeOffset? now = null)
    {
        var fault = Receiver.TryUnwrap(message, now ?? Start, out var opened);
        Assert.Equal(fault == UnwrapFault.None, opened is not null);
        opened?.Dispose();
        return fault;
    }

    public static string? Password(OpenedAttempt opened) =>
        opened.TryOpenPassword(System.Text.Encoding.UTF8.GetString, out var password) ? password : null;

    public void Dispose()
    {
        CertificateKey.Dispose();
        SealingKey.Dispose();
        Sender.Dispose();
        Receiver.Dispose();
    }
}
