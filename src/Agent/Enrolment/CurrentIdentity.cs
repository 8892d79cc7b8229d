namespace Passthrough.Agent.Enrolment;

/// <summary>The identity in use, and a sign when a renewal has replaced it.</summary>
internal sealed class CurrentIdentity(StoredIdentity first)
{
    private State _state = new(first, NewSign());

    public StoredIdentity Value => Volatile.Read(ref _state).Identity;

    /// <summary>Completes when <paramref name="seen"/> is no longer the one in use.</summary>
    public Task Replaced(StoredIdentity seen)
    {
        var state = Volatile.Read(ref _state);
        return ReferenceEquals(state.Identity, seen) ? state.Sign.Task : Task.CompletedTask;
    }

    public void Replace(StoredIdentity fresh) =>
        Interlocked.Exchange(ref _state, new State(fresh, NewSign())).Sign.SetResult();

    private static TaskCompletionSource NewSign() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record State(StoredIdentity Identity, TaskCompletionSource Sign);
}
