using Passthrough.Dashboards;

namespace Passthrough.Agent.Dashboard;

/// <summary>The page for all who look: gathered at most once a second, one at a time, and not at all when nobody looks.</summary>
internal sealed class DashboardFeed(Func<Task<DashboardPage>> gather, TimeProvider clock)
{
    /// <summary>A little less than the pause of a stream, so that one stream alone gets a new one each time.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(900);

    private readonly Lock _lock = new();
    private Task<DashboardPage>? _page;
    private long _at;

    public Task<DashboardPage> LookAsync()
    {
        lock (_lock)
        {
            if (_page is null || (_page.IsCompleted && (_page.IsFaulted || clock.GetElapsedTime(_at) >= Fresh)))
            {
                (_at, _page) = (clock.GetTimestamp(), gather());
            }

            return _page;
        }
    }
}
