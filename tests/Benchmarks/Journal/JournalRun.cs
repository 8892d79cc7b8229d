using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Benchmarks.Journal;

/// <summary>One node in this process, and workers that ask it for permits.</summary>
internal sealed class JournalRun : IAsyncDisposable
{
    private const int Known = 1000;
    private static readonly ClientSource Office = ClientSource.Of(IPAddress.Parse("192.0.2.1"), null);

    private readonly IHost _host;
    private readonly PermitDesk _desk;
    private int _strangers = 10 * Known;
    private int _next;

    private JournalRun(IHost host) => (_host, _desk) = (host, host.Services.GetRequiredService<PermitDesk>());

    public static async Task<JournalRun> StartAsync(JournalOptions journal)
    {
        // A budget that the run does not use up: an operator unlocks before each failure that would lock.
        var policy = new LockoutPolicy { Budget = LockoutPolicy.MaxBudget };
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddClusterNode(new ClusterNodeOptions { Port = 0 }, journal, policy);
        var host = builder.Build();
        await host.StartAsync();
        return new JournalRun(host);
    }

    public Task FailAsync(int number) => AttemptAsync(Account(number % Known), ClientSource.Nowhere, Settlement.Failed);

    public Task SignInAsync(int number) => AttemptAsync(Account(Known + (number % Known)), ClientSource.Nowhere, Settlement.Succeeded);

    public Task FailStrangerAsync(int number) => AttemptAsync(Stranger(), ClientSource.Nowhere, Settlement.Failed);

    public Task SignInStrangerAsync(int number) => AttemptAsync(Stranger(), ClientSource.Nowhere, Settlement.Succeeded);

    public Task SignInStrangerFromAsync(int number) => AttemptAsync(Stranger(), Office, Settlement.Succeeded);

    public Task MixAsync(int number) => number % 20 == 0 ? FailAsync(number / 20) : SignInAsync(number);

    /// <summary>After a second of the same work that is not counted.</summary>
    public async Task ReportAsync(string what, int inFlight, TimeSpan time, Func<int, Task> work, CancellationToken cancel)
    {
        await RunAsync(inFlight, TimeSpan.FromSeconds(1), work, cancel);
        var (cpu, started) = (ProcessCpu.Used(Environment.ProcessId), Stopwatch.GetTimestamp());
        var took = await RunAsync(inFlight, time, work, cancel);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var spent = (ProcessCpu.Used(Environment.ProcessId) - cpu).TotalMicroseconds / took.Count;
        took.Sort();
        var (p50, p99) = (took[took.Count / 2], took[took.Count * 99 / 100]);
        Console.WriteLine(FormattableString.Invariant(
            $"  {what}, {inFlight} in flight: {took.Count / seconds:0}/s, p50 {p50:0.0} ms, p99 {p99:0.0} ms, CPU {spent:0} µs each"));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task<List<double>> RunAsync(int inFlight, TimeSpan time, Func<int, Task> work, CancellationToken cancel)
    {
        var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var took = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(
            async () =>
            {
                List<double> mine = [];
                while (Stopwatch.GetTimestamp() < until && !cancel.IsCancellationRequested)
                {
                    var started = Stopwatch.GetTimestamp();
                    await work(Interlocked.Increment(ref _next));
                    mine.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }

                return mine;
            },
            cancel)));
        return [.. took.SelectMany(mine => mine)];
    }

    private async Task AttemptAsync(AccountKey account, ClientSource source, Settlement how)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var attempt = new AttemptId(Guid.CreateVersion7());
        while (true)
        {
            switch (await _desk.AskAsync(new PermitRequest(account, source, attempt), deadline.Token))
            {
                case PermitAnswer.Granted granted:
                    if (!await _desk.SettleAsync(account, attempt, granted.Permit, how, null, deadline.Token))
                    {
                        throw new BenchmarkFault("a settlement was not stored");
                    }

                    return;
                case PermitAnswer.Locked:
                    await _desk.UnlockAsync(account, "benchmark", "locked", deadline.Token);
                    break;
                case var other:
                    throw new BenchmarkFault($"no permit: {other}");
            }
        }
    }

    private AccountKey Stranger() => Account(Interlocked.Increment(ref _strangers));

    private static AccountKey Account(int number) => new("corp.example", new Guid(number, 0, 0, new byte[8]));
}
