using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Benchmarks.Micro;

/// <summary>The lockout's rule. Baseline: a counter for each account, without any rule.</summary>
public class LockoutBenchmarks
{
    private const ulong Permit = 7;
    private static readonly ClientSource Home = ClientSource.Of(System.Net.IPAddress.Parse("192.0.2.1"), Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"));
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly LockoutPolicy Policy = new();
    private readonly ConcurrentDictionary<AccountKey, int> _counts = new();
    private readonly AccountKey _account = new("corp.example", Guid.NewGuid());
    private readonly AskPermit _ask;
    private readonly AccountState _granted;
    private readonly AccountState _failed;

    public LockoutBenchmarks()
    {
        _ask = new AskPermit(_account, Home, new AttemptId(Guid.CreateVersion7(Now)), Permit);
        _granted = LockoutDecider.Decide(AccountState.Clean, _ask, Now, Policy).Next;
        _failed = LockoutDecider.Decide(_granted, Settle(Settlement.Failed), Now, Policy).Next;
    }

    [Benchmark(Baseline = true)]
    public int BareCounter() => _counts.AddOrUpdate(_account, 1, static (_, count) => count + 1);

    [Benchmark]
    public Decision PermitOfACleanAccount() => LockoutDecider.Decide(AccountState.Clean, _ask, Now, Policy);

    [Benchmark]
    public Decision SuccessOfACleanAccount() => LockoutDecider.Decide(_granted, Settle(Settlement.Succeeded), Now, Policy);

    [Benchmark]
    public Decision FailureOfACleanAccount() => LockoutDecider.Decide(_granted, Settle(Settlement.Failed), Now, Policy);

    [Benchmark]
    public Decision PermitAfterAFailure() => LockoutDecider.Decide(_failed, _ask, Now, Policy);

    private SettlePermit Settle(Settlement how) => new(_account, _ask.Attempt, Permit, how);
}
