namespace Passthrough.Agent.Connector;

/// <summary>Whether this agent takes work from gateways. An operator closes it, and opens it again; a restart opens it.</summary>
internal sealed class WorkGate
{
    private State _state = State.Open();

    public bool IsOpen => Volatile.Read(ref _state).IsOpen;

    /// <summary>Completes when it is closed.</summary>
    public Task Closed => Volatile.Read(ref _state) is { IsOpen: true } state ? state.Changed.Task : Task.CompletedTask;

    /// <summary>Completes when it is open.</summary>
    public Task Opened => Volatile.Read(ref _state) is { IsOpen: false } state ? state.Changed.Task : Task.CompletedTask;

    /// <returns>False: it was so already.</returns>
    public bool Set(bool isOpen)
    {
        var before = Volatile.Read(ref _state);
        if (before.IsOpen == isOpen || Interlocked.CompareExchange(ref _state, State.Open() with { IsOpen = isOpen }, before) != before)
        {
            return false;
        }

        before.Changed.TrySetResult();
        return true;
    }

    private sealed record State(bool IsOpen, TaskCompletionSource Changed)
    {
        public static State Open() => new(true, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
