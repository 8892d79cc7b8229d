using System.Collections.Concurrent;
using System.Diagnostics;
using Passthrough.Benchmarks.EndToEnd;
using Passthrough.Benchmarks.Load;

namespace Passthrough.Benchmarks.Cluster;

/// <summary>One request of a paced load.</summary>
/// <param name="Due">When it should have begun, in seconds of the load's clock.</param>
/// <param name="Took">Seconds from then to its answer.</param>
/// <param name="Said">The verdict, or why there is none.</param>
/// <param name="Permit">Seconds until the agent had a permit.</param>
internal readonly record struct Paced(double Due, double Took, string Said, double Permit)
{
    public bool IsRight => Said == "Success";
}

/// <summary>People with right passwords who come at an even rate, whether those before them have been answered or not.</summary>
internal sealed class PacedLoad(ValidationService service, int users)
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ConcurrentBag<Paced> _done = [];

    /// <summary>Seconds since the load began.</summary>
    public double Now => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    /// <summary>Those answered so far.</summary>
    public IReadOnlyList<Paced> Done => [.. _done];

    /// <summary>Until it is cancelled; the last requests are waited for. Nobody is left out: a request that is late because the machine
    /// was busy counts from when it was due.</summary>
    public async Task RunAsync(double rate, CancellationToken stop)
    {
        ConcurrentDictionary<long, Task> running = new();
        var from = Now;
        for (long number = 0; !stop.IsCancellationRequested; number++)
        {
            var due = from + (number / rate);
            if (due > Now)
            {
                await Task.Delay(TimeSpan.FromSeconds(due - Now), stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            var id = number;
            running[id] = Task.Run(() => SignInAsync(due), CancellationToken.None);
            _ = running[id].ContinueWith(_ => running.TryRemove(id, out Task? _), TaskScheduler.Default);
        }

        await Task.WhenAll(running.Values);
    }

    private async Task SignInAsync(double due)
    {
        var user = Random.Shared.Next(users);
        var (reply, fault) = await service.ValidateAsync(BenchUsers.Upn(user), BenchUsers.Password(user), CancellationToken.None);
        _done.Add(new Paced(due, Now - due, reply?.Verdict ?? fault!, (reply?.Timings.PermitUs ?? 0) / 1e6));
    }
}

/// <summary>Somebody who guesses at accounts, one wrong password after the other, none of them twice.</summary>
internal sealed class Guesser(ValidationService service, IReadOnlyList<int> victims)
{
    private readonly int[] _tried = new int[victims.Count];

    /// <summary>The most binds that one of the accounts got: each is answered with the directory's verdict.</summary>
    public int MostBinds => _tried.Max();

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(victims.Select((user, index) => GuessAsync(user, index, stop)));

    private async Task GuessAsync(int user, int index, CancellationToken stop)
    {
        for (var guess = 0; !stop.IsCancellationRequested; guess++)
        {
            var (reply, _) = await service.ValidateAsync(BenchUsers.Upn(user), $"guess {guess}", CancellationToken.None);
            _tried[index] += reply?.Verdict == "BadPassword" ? 1 : 0;
            await Task.Delay(TimeSpan.FromSeconds(0.4), stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
