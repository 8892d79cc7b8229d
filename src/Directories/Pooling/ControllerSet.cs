using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Location;

namespace Passthrough.Directories.Pooling;

/// <summary>The domain controllers of a forest, kept up to date and looked after in the background.</summary>
internal sealed class ControllerSet : IAsyncDisposable
{
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LocateInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LocateAgainAfterFault = TimeSpan.FromSeconds(10);

    private readonly ForestOptions _options;
    private readonly LdapConnector _connector;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MonotonicClock _clock;
    private readonly ServiceAccount _serviceAccount;
    private readonly DomainControllerLocator _locator;
    private readonly SemaphoreSlim _locating = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _maintenance;
    private volatile DomainController[] _controllers = [];
    private DateTimeOffset _locateAt;
    private string _site;

    public ControllerSet(ForestOptions options, LdapConnector connector, TimeProvider time, ILogger log)
    {
        (_options, _connector, _time, _log) = (options, connector, time, log);
        _clock = new MonotonicClock(time);
        _serviceAccount = new ServiceAccount(options.ServiceAccount, options.ServiceAccountPasswordFile, time);
        _locator = new DomainControllerLocator(options);
        _site = options.Site;
        _locateAt = _clock.Now;
        if (!_locator.AsksDns)
        {
            _controllers = [.. _locator.Configured().Select(Make)];
            _locateAt = DateTimeOffset.MaxValue;
        }

        _maintenance = Task.Run(MaintainAsync);
    }

    public IReadOnlyList<DomainController> All => _controllers;

    public bool Any(Predicate<DomainController> isMeant) => Array.Exists(_controllers, isMeant);

    /// <summary>Begins the choice for one piece of work. Waits only if no controller is known yet.</summary>
    public ValueTask<Tour> BeginTourAsync(CancellationToken deadline) =>
        _controllers.Length > 0 ? new ValueTask<Tour>(NewTour()) : new ValueTask<Tour>(LocateFirstAsync(deadline));

    /// <summary>Looks for controllers now, unless the options name them.</summary>
    /// <exception cref="DirectoryFaultException">There is none.</exception>
    public async Task LocateAsync(CancellationToken cancel)
    {
        if (!_locator.AsksDns)
        {
            return;
        }

        await _locating.WaitAsync(cancel);
        try
        {
            _locateAt = _clock.Now + LocateAgainAfterFault;
            var located = await _locator.LocateAsync(_site, cancel);
            _locateAt = _clock.Now + LocateInterval;
            await ReplaceAsync(located);
        }
        finally
        {
            _locating.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _maintenance;
        await Task.WhenAll(_controllers.Select(each => each.DisposeAsync().AsTask()));
        _controllers = [];
        _serviceAccount.Dispose();
        _locating.Dispose();
    }

    private Tour NewTour() => new(_controllers);

    private DomainController Make(Located located) =>
        new(located, _options, _connector, _serviceAccount, _clock, _time, _log);

    private async Task<Tour> LocateFirstAsync(CancellationToken deadline)
    {
        try
        {
            await _locating.WaitAsync(deadline);
            _locating.Release();
            // Whoever held it was looking; if he found none, DNS is not asked again for every sign-in.
            if (_controllers.Length == 0 && _clock.Now >= _locateAt)
            {
                await LocateAsync(deadline);
            }
        }
        catch (Exception e) when (e is DirectoryFaultException or OperationCanceledException)
        {
            // None, or not in time: an empty tour says so.
        }

        return NewTour();
    }

    private async Task ReplaceAsync(IReadOnlyList<Located> located)
    {
        var before = _controllers;
        if (before.Select(each => each.Located).SequenceEqual(located))
        {
            return;
        }

        _log.Located(_options.Name, string.Join(", ", located.Select(Describe)));
        _controllers = [.. located.Select(each => Keep(Array.Find(before, old => old.Address == each.Address), each))];
        // What is under way at a controller that left is cut short; a bind then ends as one that may have been sent.
        await Task.WhenAll(before.Except(_controllers).Select(each => each.DisposeAsync().AsTask()));
    }

    private DomainController Keep(DomainController? known, Located located)
    {
        if (known is null)
        {
            return Make(located);
        }

        known.Located = located;
        return known;
    }

    private static string Describe(Located located) =>
        $"{located.Address}{(located.Placement.IsInSite ? " (own site)" : "")}{(located.Placement.IsPdc ? " (PDC)" : "")}";

    /// <summary>Asks a controller in which site this machine is, unless the options say it; then looks for that site's controllers.</summary>
    private async Task LearnSiteAsync()
    {
        if (_options.Site.Length > 0 || !_locator.AsksDns || !NewTour().TryNext(preferred: null, out var controller))
        {
            return;
        }

        try
        {
            var ping = DirectoryPing.Read(await controller.SearchAsync(DirectoryPing.Request(_options.Name, _options.SearchTimeout), _stopping.Token));
            if (ping is { ClientSite: { Length: > 0 } site } && ForestOptionsCheck.IsSiteName(site) && site != _site)
            {
                _log.SiteLearned(_options.Name, site, controller.Name);
                _site = site;
                await LocateQuietlyAsync();
            }
        }
        catch (Exception e) when (e is LdapException or DirectoryFaultException)
        {
            // Judged and logged where it happened; asked again with the next look into DNS.
        }
    }

    private async Task MaintainAsync()
    {
        using var timer = new PeriodicTimer(MaintenanceInterval, _time);
        var siteAsked = false;
        try
        {
            do
            {
                if (_clock.Now >= _locateAt)
                {
                    await LocateQuietlyAsync();
                    siteAsked = false;
                }

                if (!siteAsked && Any(each => each.IsReady))
                {
                    siteAsked = true;
                    await LearnSiteAsync();
                }

                foreach (var controller in _controllers)
                {
                    controller.Maintain();
                }
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task LocateQuietlyAsync()
    {
        try
        {
            await LocateAsync(_stopping.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Those that are known go on.
            _log.NotLocated(_options.Name, e.Message);
        }
    }
}

/// <summary>The controllers that one piece of work has not tried yet.</summary>
internal sealed class Tour(DomainController[] controllers)
{
    private readonly bool[] _tried = new bool[controllers.Length];

    /// <summary>The next to try.</summary>
    /// <param name="preferred">The name of one that is taken first unless another is much better; null for none.</param>
    public bool TryNext(string? preferred, [NotNullWhen(true)] out DomainController? controller)
    {
        Span<Candidate> candidates = stackalloc Candidate[controllers.Length];
        for (var index = 0; index < controllers.Length; index++)
        {
            candidates[index] = controllers[index].AsCandidate(_tried[index], controllers[index].Name == preferred);
        }

        var chosen = DomainControllerChoice.Choose(candidates, (ulong)Random.Shared.NextInt64() << 1);
        controller = chosen >= 0 ? controllers[chosen] : null;
        if (chosen >= 0)
        {
            _tried[chosen] = true;
        }

        return controller is not null;
    }
}
