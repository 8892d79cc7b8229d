using System.Globalization;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Accounts;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Location;
using Passthrough.Directories.Pooling;

namespace Passthrough.Directories;

/// <summary>One forest's directory: looks accounts up and checks their passwords. Safe for concurrent use. Every call ends by
/// its deadline with an answer; none throws for what a network or a directory does.</summary>
public sealed class ForestDirectory : IAsyncDisposable
{
    private readonly ForestOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ForestControllers _controllers;
    private readonly AccountLookup _lookup;
    private volatile AcceptedNames _names;

    private ForestDirectory(ForestOptions options, LdapConnector connector, Locate? locate, TimeProvider time, ILogger log)
    {
        (_options, _time, _log) = (options, time, log);
        _names = AcceptedNames.Configured(options.Name, options.NetBiosName, options.Suffixes);
        var locator = new DomainControllerLocator(options);
        _controllers = new ForestControllers(
            options, connector, locate ?? ((scope, site, cancel) => locator.LocateAsync(scope, _names, site, cancel)), time, log);
        _lookup = new AccountLookup(options, _controllers, log);
    }

    /// <summary>DNS name of the forest's root domain.</summary>
    public string Forest => _options.Name;

    /// <summary>What names of its people end in, as the directory says (<see cref="UseNames"/>) or else the options.</summary>
    public AcceptedNames Names => _names;

    /// <summary>People may sign in by other attributes than their names.</summary>
    internal bool HasAlternateIds => _options.AlternateIdAttributes.Count > 0;

    /// <summary>At least one domain controller of the root domain answered the last probe. Learned in the background, at most 5 s old.</summary>
    public bool IsReachable => _controllers.Root.Any(each => each.IsReady);

    /// <summary>The controllers of the root domain that are known, as steering sees them now.</summary>
    public IReadOnlyList<ControllerView> Controllers =>
    [
        .. _controllers.Root.All.Select(each => (each.Name, Seen: each.AsCandidate(isExcluded: false, isPreferred: false))).Select(each => new ControllerView(
            each.Name, each.Seen.Health.IsHealthy, (int)Math.Min(each.Seen.LatencyMicros, int.MaxValue), each.Seen.Outstanding,
            each.Seen.Placement.IsInSite, each.Seen.Placement.IsPdc)),
    ];

    /// <summary>How far this machine's clock is before those of the root domain's controllers that have told theirs, to a second or two.</summary>
    public IEnumerable<(string DomainController, TimeSpan Ahead)> Clocks =>
        from controller in _controllers.Root.All
        where controller.ClockAhead is not null
        select (controller.Name, controller.ClockAhead!.Value);

    /// <summary>Every controller of every domain that was needed so far, as an operator sees it.</summary>
    public IReadOnlyList<ControllerStanding> Standings => _controllers.Standings;

    /// <summary>Takes a controller out for a time: it gets work only if no other is healthy.</summary>
    /// <returns>False: there is none of that name.</returns>
    public bool Eject(string controller, TimeSpan time)
    {
        var isKnown = _controllers.All.Any(each => each.Name.Equals(controller, StringComparison.OrdinalIgnoreCase));
        if (isKnown)
        {
            _controllers.Ejected.Add(controller, time);
        }

        return isKnown;
    }

    /// <returns>False: it was not ejected.</returns>
    public bool Readmit(string controller) => _controllers.Ejected.Remove(controller);

    /// <summary>Connections to all controllers of all domains together.</summary>
    internal int OpenConnections => _controllers.All.Sum(each => each.OpenConnections);

    /// <summary>Reads the files that the options name, and begins to look for domain controllers. Waits for none: see
    /// <see cref="CheckAsync"/>.</summary>
    /// <param name="options">Without faults (<see cref="ForestOptionsCheck"/>).</param>
    /// <exception cref="DirectoryFaultException">The CA file or the password file cannot be used.</exception>
    public static ForestDirectory Open(ForestOptions options, TimeProvider time, ILogger<ForestDirectory> log) =>
        Open(options, locate: null, time, log);

    /// <param name="locate">Instead of DNS, for tests.</param>
    internal static ForestDirectory Open(ForestOptions options, Locate? locate, TimeProvider time, ILogger<ForestDirectory> log)
    {
        TrustedAuthorities? authorities = null;
        if (options.LabOnlyPlainLdap)
        {
            log.PlainLdap(options.Name);
        }
        else
        {
            authorities = TrustedAuthorities.Load(options.TrustedCaFile);
        }

        ServiceAccountPassword.Read(options.ServiceAccountPasswordFile).Dispose();
        return new ForestDirectory(options, new LdapConnector(authorities), locate, time, log);
    }

    /// <summary>Finds the domain controllers, connects, binds as the service account and reads the domain's head: says in one
    /// line what hinders. Leaves the connections open, so that the first sign-in finds them warm.</summary>
    /// <param name="deadline">What has not answered by then counts as faulty. 10 s are ample.</param>
    public Task<ForestCheck> CheckAsync(CancellationToken deadline) =>
        new ForestChecker(_controllers.Root, _options, _time, _log).CheckAsync(deadline);

    /// <summary>Accounts are looked up by these names from now on, until others are given. The directory is believed about the
    /// names of its domains, also where the options give another NetBIOS name, and about its UPN suffixes; the suffixes of the
    /// options stay accepted.</summary>
    /// <param name="names">As <see cref="ReadNamesAsync"/> brings them.</param>
    /// <exception cref="ArgumentException">They are another forest's.</exception>
    public void UseNames(ForestNames names) => _names = _names.With(names);

    /// <summary>Which account a typed name means. A controller that does not answer in time is left for another while the
    /// deadline allows.</summary>
    public async Task<LookupReply> FindAccountAsync(TypedName name, CancellationToken deadline)
    {
        var names = _names;
        return AccountQuery.For(name, names, _options.AlternateIdAttributes) is { } plan
            ? await _lookup.FindAsync(plan, names, deadline)
            : new LookupReply.NotFound(Verdict.NoRouteForSuffix);
    }

    /// <summary>The same account as it stands now, by its objectGUID, at the controller that knew it if that one is well.</summary>
    public Task<LookupReply> FindAgainAsync(DirectoryAccount account, CancellationToken deadline) =>
        _lookup.AskDomainAsync(account.Domain, AccountQuery.For(account.ObjectGuid), route: "", account.FoundAt, deadline);

    /// <summary>Asks a domain controller which names belong to the forest, and which to those it trusts.</summary>
    /// <param name="deadline">What has not answered by then is a fault. 10 s are ample.</param>
    public async Task<ForestNamesReply> ReadNamesAsync(CancellationToken deadline)
    {
        var tour = await _controllers.Root.BeginTourAsync(deadline);
        var baseName = _controllers.Root.BaseName;
        var fault = $"forest {_options.Name}: no domain controller answers";
        while (!deadline.IsCancellationRequested && tour.TryNext(preferred: null, out var controller))
        {
            try
            {
                var partitions = await controller.SearchAsync(ForestNamesQuery.Partitions(baseName, _options.SearchTimeout), deadline);
                var trusts = await controller.SearchAsync(ForestNamesQuery.Trusts(baseName, _options.SearchTimeout), deadline);
                if (partitions.Result.IsSuccess && trusts.Result.IsSuccess && partitions.Entries.Count > 0)
                {
                    return new ForestNamesReply(ForestNamesQuery.Read(_options.Name, partitions, trusts), controller.Name, null);
                }

                fault = $"{controller.Name} does not let {_options.ServiceAccount} read the forest's names (results "
                    + $"{partitions.Result.Code} and {trusts.Result.Code}): may it read CN=Partitions and CN=System?";
            }
            catch (Exception e) when (e is LdapException or DirectoryFaultException)
            {
                fault = $"{controller.Name}: {e.Message}";
            }
        }

        return new ForestNamesReply(null, "", fault);
    }

    /// <summary>The controllers in the order in which a new piece of work would ask them now, with what decides: one line each,
    /// for people.</summary>
    /// <param name="domain">DNS name of the domain that a name leads to; null: any, so that a global catalog is asked first where
    /// the forest has several.</param>
    public async Task<IReadOnlyList<string>> ExplainOrderAsync(string? domain, CancellationToken deadline)
    {
        var set = domain is not null ? _controllers.Of(domain) : _names.Domains.Length == 1 ? _controllers.Root : _controllers.GlobalCatalogs();
        var tour = await set.BeginTourAsync(deadline);
        List<string> lines = [];
        while (tour.TryNext(preferred: null, out var controller))
        {
            var (health, place, outstanding, latency, _, _, isEjected) = controller.AsCandidate(isExcluded: false, isPreferred: false);
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{controller.Name}: {(health.IsHealthy ? "healthy" : "not healthy")}{(isEjected ? ", taken out" : "")}, {(place.IsInSite ? "own site" : "no known site")}, "
                + $"priority {place.Priority}, weight {place.Weight}{(place.IsPdc ? ", PDC (spared)" : "")}"
                + $"{(controller.Located.IsGlobalCatalog ? ", global catalog" : "")}, {latency / 1000:0.0} ms, {outstanding} under way"));
        }

        return lines;
    }

    /// <summary>Asks one controller of the account's domain whether the password is right: at most one bind, to one controller. If no
    /// connection can be had to one, another is tried; once the password may have been sent, none.</summary>
    /// <param name="deadline">When it passes, the reply is DirectoryTimeout or DirectoryTimeoutAfterSend.</param>
    /// <exception cref="ObjectDisposedException">The password has been disposed of.</exception>
    public async Task<BindReply> BindAsync(DirectoryAccount account, TypedPassword password, CancellationToken deadline)
    {
        var began = _time.GetTimestamp();
        var tour = await _controllers.Of(account.Domain).BeginTourAsync(deadline);
        var (verdict, asked) = (Verdict.NoDomainController, "");
        while (!deadline.IsCancellationRequested && tour.TryNext(account.FoundAt, out var controller))
        {
            asked = controller.Name;
            try
            {
                var result = await controller.BindAsync(account.BindName, password, deadline);
                return Reply(Judge(result, controller), mayHaveBeenSent: true);
            }
            catch (LdapException e) when (e.MayHaveBeenSent)
            {
                // Lost, late or unreadable: whether the controller counted it, nobody here can know.
                return Reply(Verdict.DirectoryTimeoutAfterSend, mayHaveBeenSent: true);
            }
            catch (LdapException e)
            {
                verdict = FaultVerdict.Worse(verdict, FaultVerdict.Of(e));
            }
        }

        return Reply(deadline.IsCancellationRequested ? Verdict.DirectoryTimeout : verdict, mayHaveBeenSent: false);

        BindReply Reply(Verdict verdict, bool mayHaveBeenSent) =>
            new(verdict, asked, mayHaveBeenSent, _time.GetElapsedTime(began));
    }

    /// <summary>Closes every connection; binds under way end without an answer.</summary>
    public ValueTask DisposeAsync() => _controllers.DisposeAsync();

    private Verdict Judge(LdapResult result, DomainController controller)
    {
        var verdict = BindResultReader.Read(
            result.Code, result.Code == BindResultReader.InvalidCredentials ? BindResultReader.DataCode(result.Diagnostic) : null);
        if (verdict is Verdict.DirectoryRefused or Verdict.DirectoryBusy)
        {
            _log.Refused(controller.Name, "bind", result.Code, result.Diagnostic);
        }

        return verdict;
    }
}
