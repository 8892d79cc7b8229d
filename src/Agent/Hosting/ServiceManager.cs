using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace Passthrough.Agent.Hosting;

/// <summary>Tells systemd (sd_notify(3), Type=notify) that the service is ready, that it works, and that it stops. Without a service manager,
/// nothing. It works: that is asked of the work itself each time, so one that hangs says nothing, as a dead one.</summary>
/// <param name="isAlive">Ends when what the process is for has answered; throws if it does not.</param>
internal sealed class ServiceManager(Func<CancellationToken, Task> isAlive, TimeProvider clock)
{
    /// <summary>Pings in the time after which systemd ends a silent service: one may be lost.</summary>
    private const int PingsInTime = 3;

    private static readonly ServiceState Alive = new("WATCHDOG=1");

    private readonly SystemdNotifier _manager = new();

    /// <summary>How long it may be silent, as systemd has told it (WatchdogSec); null: nobody watches.</summary>
    public static TimeSpan? Patience =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    /// <summary>From now on it serves.</summary>
    /// <param name="stopping">When it begins to stop. From then on TimeoutStopSec watches it, and nothing is asked of it.</param>
    /// <param name="ended">When it has stopped.</param>
    public void Run(CancellationToken stopping, CancellationToken ended)
    {
        if (_manager.IsEnabled)
        {
            _manager.Notify(ServiceState.Ready);
            stopping.UnsafeRegister(_ => _manager.Notify(ServiceState.Stopping), null);
            _ = PingAsync(stopping, ended);
        }
    }

    private async Task PingAsync(CancellationToken stopping, CancellationToken ended)
    {
        if (Patience is not { } patience)
        {
            return;
        }

        using var timer = new PeriodicTimer(patience / PingsInTime, clock);
        try
        {
            do
            {
                if (stopping.IsCancellationRequested || await AnswersAsync(patience / PingsInTime))
                {
                    _manager.Notify(Alive);
                }
            }
            while (await timer.WaitForNextTickAsync(ended));
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    private async Task<bool> AnswersAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within, clock);
        try
        {
            await isAlive(deadline.Token).WaitAsync(deadline.Token);
            return true;
        }
#pragma warning disable CA1031 // Whatever keeps it from answering, it does not: the service manager is the one that acts.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
