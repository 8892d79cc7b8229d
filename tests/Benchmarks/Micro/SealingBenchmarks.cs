using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Benchmarks.Micro;

/// <summary>The gateway's side of sealing. Baseline: AES-256-GCM of the padded password alone, as the framework does it.</summary>
public class SealingBenchmarks
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private readonly byte[] _password = "Correct horse 00001"u8.ToArray();
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _padded = new byte[128];
    private readonly byte[] _sealed = new byte[128];
    private readonly byte[] _tag = new byte[16];
    private readonly AesGcm _aes = new(RandomNumberGenerator.GetBytes(32), 16);
    private readonly SealingParties _parties = new(Now);
    private readonly AttemptHeader _header = SealingParties.NewHeader(Now);
    private SealedAttempt _attempt = null!;
    private SealingSessionSender _session = null!;

    [GlobalSetup]
    public void Setup()
    {
        _attempt = SealedAttempt.Seal(_header, _password);
        _session = _parties.OpenSender();
    }

    [Benchmark(Baseline = true)]
    public void AesGcmAlone() => _aes.Encrypt(_nonce, _padded, _sealed, _tag);

    [Benchmark]
    public int EncodeHeader() => _header.Encode().Length;

    [Benchmark]
    public bool SealOnePassword()
    {
        using var attempt = SealedAttempt.Seal(_header, _password);
        return attempt.Header.AttemptNumber == 1;
    }

    /// <summary>A session ends after 2^20 messages; opening the next is part of the price.</summary>
    [Benchmark]
    public Wrap? WrapForOneAgent()
    {
        if (!_session.IsFresh(Now))
        {
            _session.Dispose();
            _session = _parties.OpenSender();
        }

        return _attempt.WrapFor(_session, Now);
    }

    /// <summary>What an attempt would cost without sealing sessions, on the gateway's side alone.</summary>
    [Benchmark]
    public bool OpenOneSession()
    {
        using var session = _parties.OpenSender();
        return session.IsFresh(Now);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _attempt.Dispose();
        _session.Dispose();
        _aes.Dispose();
    }
}
