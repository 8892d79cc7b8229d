namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>A discrete-event clock: what happens next happens now.</summary>
internal sealed class SimulatedTime
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Order)> _agenda = new();
    private long _order;

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public void In(TimeSpan delay, Action what) => _agenda.Enqueue(what, (Now + delay, _order++));

    public bool Step()
    {
        if (!_agenda.TryDequeue(out var what, out var when))
        {
            return false;
        }

        Now = when.At;
        what();
        return true;
    }
}
