using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Directories;

namespace Passthrough.Agent.Forests;

/// <summary>The forests of this site, and their directories.</summary>
internal sealed class SiteForests : IAsyncDisposable
{
    /// <summary>How long a start waits for a domain controller: a restart may meet one that is coming back or very
    /// busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CheckTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, ForestDirectory> _directories;
    private readonly Dictionary<string, RememberedAccounts> _accounts;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    private SiteForests(Dictionary<string, ForestDirectory> directories, ForestRoutes routes, TimeProvider clock, ILoggerFactory logs)
    {
        Routes = routes;
        Routes.Changed += UseNames;
        (_directories, _clock, _log) = (directories, clock, logs.CreateLogger<SiteForests>());
        _accounts = directories.ToDictionary(
            pair => pair.Key,
            pair => new RememberedAccounts(pair.Value, clock, logs.CreateLogger<RememberedAccounts>()),
            directories.Comparer);
    }

    /// <summary>Which names lead to them.</summary>
    public ForestRoutes Routes { get; }

    /// <summary>Names of the forests of which a domain controller answers now, in lower case.</summary>
    public IReadOnlyList<string> Reachable =>
        [.. _directories.Where(pair => pair.Value.IsReachable).Select(pair => pair.Key.ToLowerInvariant())];

    /// <summary>Opens the directories of the forests that this agent serves: configured here and enrolled for at the gateway.</summary>
    /// <exception cref="StartFaultException">A file cannot be read, or there is no such forest.</exception>
    public static SiteForests Open(
        IEnumerable<ForestOptions> configured, IReadOnlyList<string> enrolled, TimeProvider clock, ILoggerFactory logs)
    {
        var log = logs.CreateLogger<SiteForests>();
        var wanted = configured.ToLookup(forest => enrolled.Contains(forest.Name, StringComparer.OrdinalIgnoreCase));
        foreach (var forest in wanted[false])
        {
            log.NotEnrolledFor(forest.Name);
        }

        foreach (var name in enrolled.Where(name => !wanted[true].Any(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            log.NotConfigured(name);
        }

        if (!wanted[true].Any())
        {
            throw new StartFaultException(
                FaultKind.ConfigurationWrong,
                $"this agent is enrolled for {string.Join(", ", enrolled)}, and {nameof(AgentOptions.Forests)} names none of them: "
                + "add the forest, or enrol with a token that is for the right one");
        }

        try
        {
            return new SiteForests(
                wanted[true].ToDictionary(
                    forest => forest.Name,
                    forest => ForestDirectory.Open(forest, clock, logs.CreateLogger<ForestDirectory>()),
                    StringComparer.OrdinalIgnoreCase),
                new ForestRoutes(wanted[true]), clock, logs);
        }
        catch (DirectoryFaultException e)
        {
            throw new StartFaultException(FaultKind.ConfigurationWrong, e.Message, e);
        }
    }

    /// <summary>As this node's part in the cluster sees them.</summary>
    public IReadOnlyList<ServedForest> Served =>
        [.. _directories.Values.Select(directory => new ServedForest(
            directory.Forest.ToLowerInvariant(), () => directory.IsReachable, () => directory.Controllers, directory.ReadNamesAsync))];

    /// <summary>As <see cref="ForestDirectory.Clocks"/>, of all of them.</summary>
    public IEnumerable<(string DomainController, TimeSpan Ahead)> Clocks => _directories.Values.SelectMany(directory => directory.Clocks);

    /// <summary>As <see cref="ForestDirectory.ExplainOrderAsync"/>.</summary>
    public Task<IReadOnlyList<string>> ExplainOrderAsync(string forest, string? domain, CancellationToken deadline) =>
        _directories[forest].ExplainOrderAsync(domain, deadline);

    /// <summary>Every domain controller that is known, with its forest.</summary>
    public IReadOnlyList<(string Forest, ControllerStanding Standing)> Controllers =>
        [.. _directories.Values.SelectMany(directory => directory.Standings.Select(standing => (directory.Forest, standing)))];

    /// <summary>As <see cref="ForestDirectory.Eject"/>, in whichever forest has it.</summary>
    public bool Eject(string controller, TimeSpan time) => _directories.Values.Select(directory => directory.Eject(controller, time)).ToList().Contains(true);

    /// <summary>As <see cref="ForestDirectory.Readmit"/>.</summary>
    public bool Readmit(string controller) => _directories.Values.Select(directory => directory.Readmit(controller)).ToList().Contains(true);

    public IReadOnlyCollection<RememberedAccounts> All => _accounts.Values;

    /// <summary>Connects to the domain controllers, so that the first sign-in finds them warm. A forest that cannot be served
    /// now is told in the log and found again by itself when it can; if none can, a human must look.</summary>
    /// <exception cref="StartFaultException">No forest can be served.</exception>
    public async Task CheckAsync(CancellationToken cancel)
    {
        var since = _clock.GetTimestamp();
        var checks = await AskAllAsync(cancel);
        while (Array.TrueForAll(checks, check => check.Kind == ForestFaultKind.Unreachable) && _clock.GetElapsedTime(since) < Patience)
        {
            await Task.Delay(Pause, _clock, cancel);
            checks = await AskAllAsync(cancel);
        }

        foreach (var line in checks.SelectMany(check => check.DomainControllers))
        {
            _log.DomainControllerChecked(line);
        }

        var faults = checks.Where(check => check.Fault is not null)
            .Select(check => new StartFault(KindOf(check.Kind), $"{check.Fault}"))
            .ToList();
        if (faults.Count == checks.Length)
        {
            throw new StartFaultException(faults);
        }

        faults.ForEach(fault => _log.ForestUnusable(fault));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, directory) in _directories)
        {
            await directory.DisposeAsync();
            _accounts[name].Dispose();
        }
    }

    /// <summary>What routes is looked up: both by the same names.</summary>
    private void UseNames()
    {
        foreach (var snapshot in Routes.Snapshots.Where(snapshot => snapshot.Version > 0))
        {
            _accounts[snapshot.Forest].UseNames(snapshot.Names);
        }
    }

    private async Task<ForestCheck[]> AskAllAsync(CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(CheckTime);
        var checks = await Task.WhenAll(_directories.Values.Select(directory => directory.CheckAsync(deadline.Token)));
        cancel.ThrowIfCancellationRequested();
        return checks;
    }

    private static FaultKind KindOf(ForestFaultKind kind) => kind switch
    {
        ForestFaultKind.ServiceAccountRefused => FaultKind.ServiceAccountRefused,
        ForestFaultKind.Untrusted => FaultKind.DirectoryUntrusted,
        _ => FaultKind.NoDomainController,
    };
}
