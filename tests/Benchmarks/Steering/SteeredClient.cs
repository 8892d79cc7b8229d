using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories;

namespace Passthrough.Benchmarks.Steering;

/// <summary>Our side: looks up and binds as an agent does, with its memory of accounts, at an even rate. A bind that was swallowed
/// is made once more while there is time.</summary>
internal sealed class SteeredClient(ForestOptions options, IReadOnlyList<string> names, string password, double rate)
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1.5);

    public ConcurrentQueue<SignIn> Done { get; } = [];

    /// <summary>Until it is cancelled; the last sign-ins are waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var directory = ForestDirectory.Open(options, TimeProvider.System, NullLogger<ForestDirectory>.Instance);
        using var accounts = new RememberedAccounts(directory, TimeProvider.System, NullLogger<RememberedAccounts>.Instance);
        List<Task> running = [];
        var began = Clock;
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var due = began + (number / rate);
            var wait = due - Clock;
            if (wait > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(wait), stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            var name = TypedName.TryParse(names[number % names.Count])!;
            running.Add(Task.Run(() => SignInAsync(accounts, name, due), CancellationToken.None));
        }

        await Task.WhenAll(running);
    }

    /// <summary>Seconds of CLOCK_MONOTONIC, which all processes of the machine share.</summary>
    public static double Clock => (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;

    private async Task SignInAsync(RememberedAccounts accounts, TypedName name, double due)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var typed = Password();
        List<string> asked = [];
        var verdict = Verdict.DirectoryTimeoutAfterSend;
        for (var attempt = 0; attempt < 2 && verdict == Verdict.DirectoryTimeoutAfterSend && Clock - due < (Deadline - Enough).TotalSeconds; attempt++)
        {
            var lookup = await accounts.FindAccountAsync(name, deadline.Token);
            if (lookup is not LookupReply.Found found)
            {
                verdict = lookup is LookupReply.NoVerdict none ? none.Why : Verdict.UserNotFoundInForest;
                break;
            }

            var reply = await accounts.BindAsync(found.Account, typed, deadline.Token);
            verdict = reply.Verdict;
            if (reply.MayHaveBeenSent)
            {
                asked.Add(reply.DomainController);
            }
        }

        Done.Enqueue(new SignIn(due, Clock - due, verdict == Verdict.Success ? null : $"{verdict}", asked));
    }

    private TypedPassword Password()
    {
        TypedPassword.TryCreate(Encoding.UTF8.GetBytes(password), out var typed);
        return typed!;
    }
}
