namespace Passthrough.OperatorConsole;

/// <summary>Ctrl-C ends the command that runs, not the console.</summary>
internal sealed class Interrupts : IDisposable
{
    private CancellationTokenSource? _running;

    public Interrupts() => Console.CancelKeyPress += OnCtrlC;

    /// <summary>Cancelled by Ctrl-C until it is disposed of.</summary>
    public CancellationTokenSource Begin() => _running = new CancellationTokenSource();

    public void Dispose() => Console.CancelKeyPress -= OnCtrlC;

    private void OnCtrlC(object? sender, ConsoleCancelEventArgs pressed)
    {
        try
        {
            // Whatever goes on because of it, a prompt perhaps, must not do so on the thread that hears of signals.
            _ = _running?.CancelAsync();
            pressed.Cancel = _running is not null;
        }
        catch (ObjectDisposedException)
        {
            // Nothing runs.
        }
    }
}
