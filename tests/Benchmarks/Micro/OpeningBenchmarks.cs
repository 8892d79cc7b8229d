using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Benchmarks.Micro;

/// <summary>The agent's side of sealing. Baseline: AES-256-GCM of the padded password alone, as the framework does it.</summary>
public class OpeningBenchmarks
{
    /// <summary>An attempt is opened once, so a batch of them is made before each iteration; so every benchmark here goes by
    /// batches, and their ratios hold.</summary>
    private const int Batch = 8192;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _plain = new byte[128];
    private readonly byte[] _sealed = new byte[128];
    private readonly byte[] _tag = new byte[16];
    private readonly AesGcm _aes = new(RandomNumberGenerator.GetBytes(32), 16);
    private readonly SealingParties _parties = new(Now);
    private readonly Attempt[] _attempts = new Attempt[Batch];
    private readonly byte[] _header = SealingParties.NewHeader(Now).Encode();
    private SealingSessionReceiver _receiver = null!;
    private OpenedAttempt _opened = null!;

    [GlobalSetup]
    public void Setup()
    {
        _aes.Encrypt(_nonce, _plain, _sealed, _tag);
        NewBatch();
        _receiver.TryUnwrap(_attempts[0], Now, out var opened);
        _opened = opened ?? throw new InvalidOperationException("The first attempt could not be opened.");
    }

    [IterationSetup]
    public void NewBatch()
    {
        var (sender, receiver) = _parties.OpenSession();
        _receiver = receiver;
        for (var i = 0; i < Batch; i++)
        {
            using var attempt = SealedAttempt.Seal(SealingParties.NewHeader(Now), "Correct horse 00001"u8);
            _attempts[i] = attempt.For([sender], Now, TimeSpan.FromSeconds(8))!;
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Batch)]
    public void AesGcmAlone()
    {
        for (var i = 0; i < Batch; i++)
        {
            _aes.Decrypt(_nonce, _sealed, _tag, _plain);
        }
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int DecodeHeader()
    {
        var decoded = 0;
        for (var i = 0; i < Batch; i++)
        {
            decoded += AttemptHeader.Decode(_header, out _) == UnwrapFault.None ? 1 : 0;
        }

        return decoded;
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Unwrap()
    {
        var opened = 0;
        foreach (var attempt in _attempts)
        {
            opened += _receiver.TryUnwrap(attempt, Now, out _) == UnwrapFault.None ? 1 : 0;
        }

        return opened == Batch ? opened : throw new InvalidOperationException($"{Batch - opened} attempts could not be opened.");
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int OpenPassword()
    {
        var bytes = 0;
        for (var i = 0; i < Batch; i++)
        {
            _opened.TryOpenPassword(static password => password.Length, out var length);
            bytes += length;
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int BindAnswer()
    {
        var bytes = 0;
        for (var i = 0; i < Batch; i++)
        {
            bytes += _opened.Answer(1, new AnswerDetail { DomainController = "dc1.corp.example", BindUs = 900, TotalUs = 1200 }).Mac.Length;
        }

        return bytes;
    }
}
