using System.Collections.Concurrent;
using System.Diagnostics;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>People with right passwords who sign in one after the other, several at once, until told to stop.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<TimedAnswer> _answers = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Task _people;

    public Load(Installation installation, int people)
        : this(installation.ValidateAsync, people)
    {
    }

    /// <param name="validate">Of a name and a password.</param>
    public Load(Func<string, string, Task<Validation>> validate, int people) => _people = Task.WhenAll(
        LabPeople.All.Where(person => person.State == "load").Take(people).Select(person => SignInAsync(validate, person)));

    public int Count => _answers.Count;

    /// <summary>The clock of <see cref="Timed"/>.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    /// <summary>Every answer so far, with its times.</summary>
    public IReadOnlyCollection<TimedAnswer> Timed => _answers;

    /// <summary>Ends it and gives every answer; a request that got none fails here.</summary>
    public async Task<IReadOnlyList<Validation>> StopAsync()
    {
        await _stop.CancelAsync();
        await _people;
        return [.. _answers.Select(each => each.Answer)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _people.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task SignInAsync(Func<string, string, Task<Validation>> validate, LabPerson person)
    {
        while (!_stop.IsCancellationRequested)
        {
            var asked = Now;
            var answer = await validate(person.Name, person.Password);
            _answers.Enqueue(new TimedAnswer(asked, Now - asked, answer));
        }
    }
}

/// <summary>When somebody asked, how long the answer took, and what it was.</summary>
internal sealed record TimedAnswer(TimeSpan Asked, TimeSpan Took, Validation Answer);
