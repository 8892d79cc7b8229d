using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Benchmarks.Micro;

/// <summary>What an agent measures of one check, with nobody listening and collected for Prometheus. Baseline: one P-256 signature
/// and its verification, about a tenth of what a whole check costs in CPU.</summary>
public class MetricsBenchmarks
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _data = new byte[64];
    private readonly PermitAnswer _granted = new PermitAnswer.Granted(1, 0, TimeSpan.Zero);
    private readonly AttemptOutcome _success = new(
        new AttemptEnding.Answered(Verdict.Success),
        new AnswerDetail { QueueUs = 20, LookupUs = 900, PermitUs = 300, UnsealUs = 12, BindUs = 1800, TotalUs = 3100 });

    private MeterProvider? _collector;

    [Params(false, true)]
    public bool Collected { get; set; }

    [GlobalSetup]
    public void Setup() => _collector = Collected
        ? Sdk.CreateMeterProviderBuilder().AddMeter("Passthrough.*").AddPrometheusExporter().Build()
        : null;

    [GlobalCleanup]
    public void CleanUp()
    {
        _collector?.Dispose();
        _key.Dispose();
    }

    [Benchmark(Baseline = true)]
    public bool SignAndVerify() => _key.VerifyData(_data, _key.SignData(_data, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256);

    [Benchmark]
    public void MeasureOneCheck()
    {
        LockoutMeters.Asked(_granted);
        LockoutMeters.Settled(Settlement.Succeeded);
        AttemptMeters.Ended("corp.example", _success);
    }
}
