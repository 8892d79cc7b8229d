using System.Security.Cryptography;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>What is sealed to one agent on one stream: its offered key, and the session that is open to it. A session is
/// announced on the stream before anybody can see it here, so no wrap arrives before its session.</summary>
/// <param name="announce">Puts an announcement into the stream's queue; false if it cannot take it.</param>
internal sealed class SealingSlot(
    AgentIdentity identity, ECDsa certificateKey, Func<SealingSession, bool> announce) : IDisposable
{
    /// <summary>An agent that cannot open what is sealed to it gets a new session, but not for every attempt.</summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile SealingSessionSender? _current;
    private SealingKey? _offer;
    private DateTimeOffset _openedAt;
    private bool _disposed;

    /// <summary>The key that is sealed to; null if none was accepted.</summary>
    public SealingKey? Offer
    {
        get
        {
            lock (_gate)
            {
                return _offer;
            }
        }
    }

    /// <summary>Takes a key that the agent offers and opens a session to it; the next wraps are under that.</summary>
    public OfferFault Accept(SealingKey offer, DateTimeOffset now)
    {
        lock (_gate)
        {
            var previous = _offer;
            _offer = offer;
            var fault = Open(now);
            _offer = fault == OfferFault.None ? offer : previous;
            return fault;
        }
    }

    /// <summary>The session to wrap under; null if the agent has not offered a key, or its stream cannot take more.</summary>
    public SealingSessionSender? Fresh(DateTimeOffset now)
    {
        var current = _current;
        return current is not null && current.IsFresh(now) ? current : Next(now, now);
    }

    /// <summary>Opens the next session if this one ends within <paramref name="margin"/>: beforehand, so that no request waits
    /// for it.</summary>
    public void Prepare(DateTimeOffset now, TimeSpan margin) => Next(now, now + margin);

    /// <summary>The agent could not open what was sealed to it.</summary>
    public void Distrust(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (now - _openedAt >= LeastAge)
            {
                Open(now);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _current?.Dispose();
            certificateKey.Dispose();
        }
    }

    private SealingSessionSender? Next(DateTimeOffset now, DateTimeOffset freshAt)
    {
        lock (_gate)
        {
            if (_current is not { } current || !current.IsFresh(freshAt))
            {
                Open(now);
            }

            return _current;
        }
    }

    private OfferFault Open(DateTimeOffset now)
    {
        if (_disposed || _offer is null)
        {
            return OfferFault.None;
        }

        var fault = SealingSessionSender.TryOpen(_offer, identity, certificateKey, now, out var session);
        if (session is not null && announce(session.Announcement))
        {
            var previous = _current;
            _current = session;
            _openedAt = now;
            previous?.Dispose();
        }
        else
        {
            session?.Dispose();
        }

        return fault;
    }
}
