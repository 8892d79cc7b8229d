using Microsoft.Extensions.Logging;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Location;

namespace Passthrough.Directories.Pooling;

/// <summary>All controllers of a forest: those of its root domain; those of each other domain, and the global catalogs, from when
/// they are first needed. One service account for all.</summary>
internal sealed class ForestControllers : IAsyncDisposable
{
    private readonly ForestOptions _options;
    private readonly LdapConnector _connector;
    private readonly Locate _locate;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MonotonicClock _clock;
    private readonly ServiceAccount _serviceAccount;
    private readonly Lock _gate = new();
    private readonly Dictionary<ControllerScope, ControllerSet> _others = [];
    private bool _isClosed;

    /// <param name="locate">Asks DNS, unless the options name the root domain's controllers.</param>
    public ForestControllers(ForestOptions options, LdapConnector connector, Locate locate, TimeProvider time, ILogger log)
    {
        (_options, _connector, _locate, _time, _log) = (options, connector, locate, time, log);
        _clock = new MonotonicClock(time);
        Ejected = new Ejections(_clock);
        _serviceAccount = new ServiceAccount(options.ServiceAccount, options.ServiceAccountPasswordFile, time);
        var configured = DomainControllerLocator.Configured(options);
        Root = new ControllerSet(
            new ControllerScope(options.Name), options, configured, configured.Count > 0 ? null : locate, Make, siteOf: null, time, log);
    }

    public ControllerSet Root { get; }

    /// <summary>Also of controllers that are found later.</summary>
    public Ejections Ejected { get; }

    /// <summary>Of the root domain first.</summary>
    public IReadOnlyList<DomainController> All
    {
        get
        {
            lock (_gate)
            {
                return [.. Root.All, .. _others.Values.SelectMany(set => set.All)];
            }
        }
    }

    /// <summary>Of all, as an operator sees them.</summary>
    public IReadOnlyList<ControllerStanding> Standings =>
    [
        .. All.Select(each => (Controller: each, Seen: each.AsCandidate(isExcluded: false, isPreferred: false))).Select(each => new ControllerStanding(
            each.Controller.Name, each.Controller.IsReady, each.Seen.LatencyMicros / 1000, each.Seen.Outstanding, each.Controller.OpenConnections,
            each.Seen.Placement.IsInSite, each.Seen.Placement.IsPdc, each.Controller.Located.IsGlobalCatalog, Ejected.UntilOf(each.Controller.Name))),
    ];

    /// <param name="domain">One of the forest's domains; empty: the root.</param>
    public ControllerSet Of(string domain) =>
        domain.Length == 0 || domain.Equals(_options.Name, StringComparison.OrdinalIgnoreCase) ? Root : Open(new ControllerScope(domain));

    public ControllerSet GlobalCatalogs() => Open(new ControllerScope(_options.Name, IsGlobalCatalog: true));

    public async ValueTask DisposeAsync()
    {
        ControllerSet[] others;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            others = [.. _others.Values];
        }

        await Task.WhenAll(others.Append(Root).Select(set => set.DisposeAsync().AsTask()));
        _serviceAccount.Dispose();
    }

    private ControllerSet Open(ControllerScope scope)
    {
        lock (_gate)
        {
            if (_others.TryGetValue(scope, out var known))
            {
                return known;
            }

            if (_isClosed)
            {
                return Root; // Closed too, and says so.
            }

            return _others[scope] = new ControllerSet(scope, _options, [], _locate, Make, () => Root.Site, _time, _log);
        }
    }

    private DomainController Make(Located located) => new(located, _options, _connector, _serviceAccount, Ejected, _clock, _time, _log);
}
