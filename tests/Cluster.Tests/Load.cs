using System.Collections.Concurrent;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>People with right passwords who sign in one after the other, several at once, until told to stop.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Validation> _answers = new();
    private readonly Task _people;

    public Load(Installation installation, int people) => _people = Task.WhenAll(
        LabPeople.All.Where(person => person.State == "load").Take(people).Select(person => SignInAsync(installation, person)));

    public int Count => _answers.Count;

    /// <summary>Ends it and gives every answer; a request that got none fails here.</summary>
    public async Task<IReadOnlyList<Validation>> StopAsync()
    {
        await _stop.CancelAsync();
        await _people;
        return [.. _answers];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _people.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task SignInAsync(Installation installation, LabPerson person)
    {
        while (!_stop.IsCancellationRequested)
        {
            _answers.Enqueue(await installation.ValidateAsync(person.Name, person.Password));
        }
    }
}
