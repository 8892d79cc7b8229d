using System.Security.Cryptography;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Sealing;

/// <summary>All sealing keys and sessions of one agent, its gateways together: an attempt that a peer hands over may name any
/// of them. In memory only. May be used by many threads.</summary>
public sealed class SealingKeyring(AgentIdentity agent) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<AgentSealingKey> _keys = [];
    private readonly Dictionary<ulong, SealingSessionReceiver> _sessions = [];

    /// <summary>Makes a new key and offers it: at every connect, and when <see cref="SealingLimits.KeyLifetime"/> is over.</summary>
    /// <param name="certificateKey">The private key of the agent's certificate; P-256.</param>
    /// <param name="now">By any clock that does not jump and that all calls use; only differences count.</param>
    public SealingKey Offer(ECDsa certificateKey, DateTimeOffset now)
    {
        var key = AgentSealingKey.Create(agent, now);
        lock (_gate)
        {
            SweepLocked(now);
            _keys.Add(key);
        }

        return key.Offer(certificateKey);
    }

    /// <summary>Destroys a key whose stream is closed. What was accepted under it stays until its time is over: peers may
    /// still hold attempts.</summary>
    public void Forget(SealingKey offered)
    {
        lock (_gate)
        {
            foreach (var key in _keys.Where(key => key.KeyId.SequenceEqual(offered.KeyId.Span)).ToList())
            {
                key.Dispose();
                _keys.Remove(key);
            }
        }
    }

    /// <summary>Takes a session that a gateway announced. Any message may be given: it never throws.</summary>
    public SessionFault Accept(SealingSession announced, DateTimeOffset now)
    {
        lock (_gate)
        {
            SweepLocked(now);
            if (_sessions.Count >= SealingLimits.MaxSessions)
            {
                return SessionFault.TooMany;
            }

            if (_keys.Find(key => key.KeyId.SequenceEqual(announced.KeyId.Span)) is not { } key)
            {
                return SessionFault.UnknownKey;
            }

            var fault = key.TryAccept(announced, now, out var session);
            if (session is not null && !_sessions.TryAdd(session.Id, session))
            {
                session.Dispose();
                return SessionFault.Repeated;
            }

            return fault;
        }
    }

    /// <summary>Opens an attempt under whichever session it has a wrap for. Any message may be given: it never throws.</summary>
    public UnwrapFault TryUnwrap(Attempt attempt, DateTimeOffset now, out OpenedAttempt? opened)
    {
        opened = null;
        return !SealingSessionReceiver.IsWellFormed(attempt) ? UnwrapFault.Malformed
            : FindSession(attempt) is { } session ? session.TryUnwrap(attempt, now, out opened)
            : UnwrapFault.UnknownSession;
    }

    /// <summary>Destroys the keys and sessions whose time is over. Every other call that changes the keyring does so too; an
    /// agent that nobody sends to calls this with its heartbeat, so that no key outlives its time.</summary>
    public void Sweep(DateTimeOffset now)
    {
        lock (_gate)
        {
            SweepLocked(now);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _keys.ForEach(key => key.Dispose());
            _keys.Clear();
            foreach (var session in _sessions.Values)
            {
                session.Dispose();
            }

            _sessions.Clear();
        }
    }

    public override string ToString() => $"sealing keyring of {agent.AgentId}";

    private SealingSessionReceiver? FindSession(Attempt attempt)
    {
        lock (_gate)
        {
            foreach (var wrap in attempt.Wraps)
            {
                if (_sessions.TryGetValue(SealingSessionReceiver.ReadId(wrap.SessionId), out var session))
                {
                    return session;
                }
            }

            return null;
        }
    }

    private void SweepLocked(DateTimeOffset now)
    {
        foreach (var key in _keys.Where(key => !key.IsAccepting(now)).ToList())
        {
            key.Dispose();
            _keys.Remove(key);
        }

        foreach (var (id, session) in _sessions.Where(pair => pair.Value.HasEnded(now)).ToList())
        {
            session.Dispose();
            _sessions.Remove(id);
        }
    }
}
