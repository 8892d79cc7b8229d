using Microsoft.Extensions.Logging;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Location;

namespace Passthrough.Directories.Pooling;

/// <summary>Finds the controllers of a scope in a site.</summary>
internal delegate Task<IReadOnlyList<Located>> Locate(ControllerScope scope, string site, CancellationToken cancel);

/// <summary>The controllers of one scope, kept up to date and looked after in the background.</summary>
internal sealed class ControllerSet : IAsyncDisposable
{
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LocateInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LocateAgainAfterFault = TimeSpan.FromSeconds(10);

    private readonly ControllerScope _scope;
    private readonly ForestOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MonotonicClock _clock;
    private readonly Locate? _locate;
    private readonly Func<Located, DomainController> _make;
    private readonly Func<string>? _siteOf;
    private readonly SemaphoreSlim _locating = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _maintenance;
    private volatile DomainController[] _controllers = [];
    private DateTimeOffset _locateAt;
    private volatile string _site;

    /// <param name="configured">Those of the options.</param>
    /// <param name="locate">Null: the configured ones never change.</param>
    /// <param name="siteOf">Tells this machine's site; null: this set learns it.</param>
    public ControllerSet(
        ControllerScope scope, ForestOptions options, IReadOnlyList<Located> configured, Locate? locate,
        Func<Located, DomainController> make, Func<string>? siteOf, TimeProvider time, ILogger log)
    {
        (_scope, _options, _locate, _make, _siteOf, _time, _log) = (scope, options, locate, make, siteOf, time, log);
        _clock = new MonotonicClock(time);
        _site = options.Site;
        _locateAt = locate is null ? DateTimeOffset.MaxValue : _clock.Now;
        _controllers = [.. configured.Select(make)];
        _maintenance = Task.Run(MaintainAsync);
    }

    /// <summary>The distinguished name under which the accounts of these controllers lie.</summary>
    public string BaseName => _scope.BaseName;

    /// <summary>The site of this machine; empty: not known.</summary>
    public string Site => _siteOf is null ? _site : _siteOf();

    public IReadOnlyList<DomainController> All => _controllers;

    public bool Any(Predicate<DomainController> isMeant) => Array.Exists(_controllers, isMeant);

    /// <summary>Begins the choice for one piece of work. Waits only if no controller is known yet.</summary>
    public ValueTask<Tour> BeginTourAsync(CancellationToken deadline) =>
        _controllers.Length > 0 ? new ValueTask<Tour>(NewTour()) : new ValueTask<Tour>(LocateFirstAsync(deadline));

    /// <summary>Looks for controllers now, unless the options name them.</summary>
    /// <exception cref="DirectoryFaultException">There is none.</exception>
    public async Task LocateAsync(CancellationToken cancel)
    {
        if (_locate is null)
        {
            return;
        }

        await _locating.WaitAsync(cancel);
        try
        {
            _locateAt = _clock.Now + LocateAgainAfterFault;
            var located = await _locate(_scope, Site, cancel);
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
        _locating.Dispose();
    }

    private Tour NewTour() => new(_controllers);

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

        _log.Located($"{_scope}", string.Join(", ", located.Select(Describe)));
        _controllers = [.. located.Select(each => Keep(Array.Find(before, old => old.Address == each.Address), each))];
        // What is under way at a controller that left is cut short; a bind then ends as one that may have been sent.
        await Task.WhenAll(before.Except(_controllers).Select(each => each.DisposeAsync().AsTask()));
    }

    private DomainController Keep(DomainController? known, Located located)
    {
        if (known is null)
        {
            return _make(located);
        }

        known.Located = located;
        return known;
    }

    private static string Describe(Located located) =>
        $"{located.Address}{(located.Placement.IsInSite ? " (own site)" : "")}{(located.Placement.IsPdc ? " (PDC)" : "")}"
        + (located.IsGlobalCatalog ? " (global catalog)" : "");

    /// <summary>Asks a controller in which site this machine is, unless the options say it; then looks for that site's controllers.</summary>
    private async Task LearnSiteAsync()
    {
        if (_siteOf is not null || _options.Site.Length > 0 || _locate is null || !NewTour().TryNext(preferred: null, out var controller))
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
            _log.NotLocated($"{_scope}", e.Message);
        }
    }
}
