using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Location;

namespace Passthrough.Directories.Pooling;

/// <summary>One domain controller: its connections, what is outstanding there, and how it is.</summary>
internal sealed class DomainController : IAsyncDisposable
{
    /// <summary>A connection may die between being rented and being written to: then the next one is taken.</summary>
    private const int MaxRents = 3;

    /// <summary>A healthy controller is asked for a sign of life this often.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(5);

    private readonly ForestOptions _options;
    private readonly TimeProvider _time;
    private readonly MonotonicClock _clock;
    private readonly ILogger _log;
    private readonly BindPool _binds;
    private readonly SearchChannel _searches;
    private readonly Ejections _ejected;
    private readonly HealthRecord _health;
    private readonly CancellationTokenSource _closing = new();
    private DateTimeOffset _probeAt;
    private int _outstanding;
    private long _busySince;
    private int _probing;
    private volatile bool _isReady;
    private volatile Located _located;

    public DomainController(
        Located located, ForestOptions options, LdapConnector connector, ServiceAccount serviceAccount,
        Ejections ejected, MonotonicClock clock, TimeProvider time, ILogger log)
    {
        var address = located.Address;
        (_located, _options, _ejected, _clock, _time, _log) = (located, options, ejected, clock, time, log);
        _health = new HealthRecord(address.ToString(), clock, time, log, WhenFailed);
        _binds = new BindPool(
            deadline => connector.ConnectAsync(address, deadline), _health.Failed, options.ConnectionsPerDomainController, options.ConnectTimeout, time);
        _searches = new SearchChannel(() => OpenForSearchesAsync(connector, serviceAccount));
    }

    /// <summary>Its placement changes when DNS says so, its address never.</summary>
    public Located Located
    {
        get => _located;
        set => _located = value;
    }

    public DirectoryAddress Address => _located.Address;

    public string Name => Address.ToString();

    /// <summary>Its last probe was answered, and nothing has failed since.</summary>
    public bool IsReady => _isReady && _health.Current.IsHealthy;

    /// <summary>As <see cref="HealthRecord.ClockAhead"/>.</summary>
    public TimeSpan? ClockAhead => _health.ClockAhead;

    public int OpenConnections => _binds.OpenConnections + (_searches.IsOpen ? 1 : 0);

    public Candidate AsCandidate(bool isExcluded, bool isPreferred)
    {
        var outstanding = Volatile.Read(ref _outstanding);
        var (health, latency, answeredAt) = _health.Standing;
        var silence = outstanding == 0 ? TimeSpan.Zero : _time.GetElapsedTime(Math.Max(answeredAt, Volatile.Read(ref _busySince)));
        return new Candidate(
            health, _located.Placement, outstanding, Math.Max(latency, silence.TotalMicroseconds), isExcluded, isPreferred, _ejected.UntilOf(Name) is not null);
    }

    /// <summary>One bind on one of the kept connections.</summary>
    /// <exception cref="LdapException">No answer; nothing was sent more than once.</exception>
    public async Task<LdapResult> BindAsync(string name, TypedPassword password, CancellationToken deadline)
    {
        Begin();
        try
        {
            for (var rent = 1; ; rent++)
            {
                var connection = await _binds.RentAsync(deadline);
                try
                {
                    return await BindOnAsync(connection, name, password, deadline);
                }
                catch (LdapException e) when (
                    e is { MayHaveBeenSent: false, Fault: LdapFault.ConnectionLost } && rent < MaxRents)
                {
                    // Died while it was idle: another.
                }
                finally
                {
                    _binds.Return(connection);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _outstanding);
        }
    }

    /// <summary>One search as the service account.</summary>
    /// <exception cref="LdapException">No answer.</exception>
    /// <exception cref="DirectoryFaultException">The service account cannot be used.</exception>
    public async Task<SearchReply> SearchAsync(SearchRequest request, CancellationToken deadline)
    {
        Begin();
        var began = _time.GetTimestamp();
        try
        {
            using var timeout = new Deadline(_options.SearchTimeout, _time, deadline);
            var connection = await _searches.OpenAsync(timeout.Token);
            var askedAt = _time.GetTimestamp();
            var reply = await connection.SearchAsync(request, timeout.Token);
            _health.Answered(askedAt);
            return reply;
        }
        catch (LdapException e)
        {
            _health.Failed(e, began);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _outstanding);
        }
    }

    /// <summary>Looks after it, once a second or so: probes when it is time, closes what is idle too long.</summary>
    public void Maintain()
    {
        var now = _clock.Now;
        var health = _health.Current;
        if (health.IsHealthy ? now >= _probeAt : health.IsProbeDue(now))
        {
            _ = ProbeQuietlyAsync();
        }

        _ = _binds.PruneAsync();
    }

    /// <summary>Asks for a sign of life, as the service account, so that a controller that is well can look accounts up too.</summary>
    /// <returns>Its clock, or null if it does not tell (it is no Active Directory).</returns>
    /// <exception cref="LdapException">No answer.</exception>
    /// <exception cref="DirectoryFaultException">The service account cannot be used.</exception>
    public async Task<DateTimeOffset?> ProbeAsync(CancellationToken deadline)
    {
        _probeAt = _clock.Now + ProbeInterval;
        try
        {
            var reply = await SearchAsync(RootDse.Request(_options.SearchTimeout), deadline);
            _isReady = true;
            return _health.Told(RootDse.CurrentTime(reply));
        }
        catch (Exception e) when (e is LdapException or DirectoryFaultException)
        {
            _isReady = false;
            throw;
        }
    }

    /// <summary>The connection for searches has become useless in a way that the protocol does not show.</summary>
    public Task DropSearchConnectionAsync() => _searches.DropAsync();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _binds.DisposeAsync();
        await _searches.DisposeAsync();
    }

    private void Begin()
    {
        if (Interlocked.Increment(ref _outstanding) == 1)
        {
            Volatile.Write(ref _busySince, _time.GetTimestamp());
        }
    }

    private void WhenFailed()
    {
        _isReady = false;
        _ = _binds.DropIdleAsync();
    }

    private async Task<LdapResult> BindOnAsync(
        LdapConnection connection, string name, TypedPassword password, CancellationToken deadline)
    {
        var began = _time.GetTimestamp();
        try
        {
            using var timeout = new Deadline(_options.BindTimeout, _time, deadline);
            var result = await connection.BindAsync(name, password, timeout.Token);
            _health.Answered(began);
            return result;
        }
        catch (LdapException e) when (e.MayHaveBeenSent)
        {
            _health.Failed(e, began);
            throw;
        }
    }

    private async Task<LdapConnection> OpenForSearchesAsync(LdapConnector connector, ServiceAccount serviceAccount)
    {
        using var timeout = new Deadline(_options.ConnectTimeout, _time, _closing.Token);
        var connection = await connector.ConnectAsync(Address, timeout.Token);
        try
        {
            using var bindTimeout = new Deadline(_options.SearchTimeout, _time, _closing.Token);
            await serviceAccount.BindAsync(connection, Name, bindTimeout.Token);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task ProbeQuietlyAsync()
    {
        if (Interlocked.Exchange(ref _probing, 1) == 1)
        {
            return;
        }

        try
        {
            await ProbeAsync(CancellationToken.None);
        }
        catch (LdapException)
        {
            // Judged and logged where it happened.
        }
        catch (DirectoryFaultException e)
        {
            _log.ServiceAccountFault(_options.Name, e.Message);
        }
        finally
        {
            Volatile.Write(ref _probing, 0);
        }
    }
}
