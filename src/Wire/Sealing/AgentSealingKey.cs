using System.Security.Cryptography;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Sealing;

/// <summary>An agent's key pair for sealing sessions. Lives in memory only: new at every connect and every hour, so what was
/// captured cannot be read once it is disposed of. <see cref="SealingKeyring"/> keeps several.</summary>
public sealed class AgentSealingKey : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _accepted = [];
    private readonly AgentIdentity _agent;
    private readonly DateTimeOffset _madeAt;
    private readonly ECDiffieHellman _key;
    private readonly byte[] _keyId;
    private bool _disposed;

    private AgentSealingKey(AgentIdentity agent, DateTimeOffset madeAt, ECDiffieHellman key, byte[] keyId) =>
        (_agent, _madeAt, _key, _keyId) = (agent, madeAt, key, keyId);

    public ReadOnlySpan<byte> KeyId => _keyId;

    /// <param name="now">By any clock that this agent's other calls use too; only differences count.</param>
    public static AgentSealingKey Create(AgentIdentity agent, DateTimeOffset now) =>
        CreateWithKnownKey(agent, now, DhKem.GenerateKey(), RandomNumberGenerator.GetBytes(SealingLayouts.KeyIdSize));

    /// <summary>The public half, signed. Contains nothing secret.</summary>
    /// <param name="certificateKey">The private key of the agent's certificate; P-256.</param>
    public SealingKey Offer(ECDsa certificateKey) =>
        SealingKeyOffer.Sign(_agent, _keyId, DhKem.WritePoint(_key), certificateKey);

    /// <summary>It is not yet time to offer the next one.</summary>
    public bool IsFresh(DateTimeOffset now) => now - _madeAt < SealingLimits.KeyLifetime;

    /// <summary>It still accepts sessions.</summary>
    public bool IsAccepting(DateTimeOffset now) => now - _madeAt < SealingLimits.KeyLifetime + SealingLimits.KeyGrace;

    /// <summary>Opens the agent's side of a session: about 0.3 ms of CPU.</summary>
    public SessionFault TryAccept(SealingSession session, DateTimeOffset now, out SealingSessionReceiver? receiver)
    {
        receiver = null;
        if (!SealingSessionReceiver.IsWellFormed(session))
        {
            return SessionFault.Malformed;
        }

        if (!session.KeyId.Span.SequenceEqual(_keyId))
        {
            return SessionFault.UnknownKey;
        }

        lock (_gate)
        {
            var fault = _disposed || !IsAccepting(now) ? SessionFault.KeyRetired
                : _accepted.Contains(SealingSessionReceiver.ReadId(session.SessionId)) ? SessionFault.Repeated
                : _accepted.Count >= SealingLimits.MaxSessionsPerKey ? SessionFault.TooMany
                : SessionFault.None;
            if (fault != SessionFault.None)
            {
                return fault;
            }

            var info = SealingLayouts.SessionInfo(_agent, _keyId, session.SessionId.Span, session.OpenedAtUnixMs);
            using var context = HpkeContext.SetupReceiver(HpkeAead.Aes256Gcm, _key, session.Enc.Span, info);
            if (context is null)
            {
                return SessionFault.BadPoint;
            }

            _accepted.Add(SealingSessionReceiver.ReadId(session.SessionId));
            receiver = new SealingSessionReceiver(_agent, session, SealingLayouts.WrapCipher(context), now);
            return SessionFault.None;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _key.Dispose();
        }
    }

    public override string ToString() => $"sealing key {Convert.ToHexStringLower(_keyId)}";

    /// <summary>As <see cref="Create"/>, for vectors only.</summary>
    internal static AgentSealingKey CreateWithKnownKey(AgentIdentity agent, DateTimeOffset now, ECDiffieHellman key, byte[] keyId) =>
        new(agent, now, key, keyId);
}
