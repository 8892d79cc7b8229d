using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Pooling;

/// <summary>The connections to one domain controller that carry binds, one at a time each. They are kept, since a new one
/// costs fifty times a bind; a dead one is noticed while idle and replaced when it is needed. Connections are opened in the
/// background: whoever waits takes the first that is free, new or returned.</summary>
/// <param name="whenNotOpened">Told each time that one could not be opened, with the timestamp at which it was begun.</param>
/// <param name="size">Connections at most.</param>
/// <param name="connectTimeout">Time for opening one, TLS included.</param>
internal sealed class BindPool(
    Func<CancellationToken, Task<LdapConnection>> connect, Action<LdapException, long> whenNotOpened,
    int size, TimeSpan connectTimeout, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Connections that are opened at once at most: a controller that has just come back is not run over.</summary>
    private const int MaxConnectsAtOnce = 4;

    /// <summary>Idle connections are closed after this, before Active Directory does it at 15 minutes (MaxConnIdleTime,
    /// MS-ADTS 3.1.1.3.4.6): a bind that crosses its closing would be lost.</summary>
    private static readonly TimeSpan MaxIdle = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly List<(LdapConnection Connection, long Since)> _idle = [];
    private readonly LinkedList<TaskCompletionSource<LdapConnection>> _waiting = [];
    private readonly HashSet<LdapConnection> _open = [];
    private readonly CancellationTokenSource _closing = new();
    private int _connecting;

    /// <summary>Connections that are open, idle or not.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>A connection for one bind. Give it back with <see cref="Return"/>.</summary>
    /// <exception cref="LdapException">None by the deadline, or none can be opened. Nothing was sent.</exception>
    public async ValueTask<LdapConnection> RentAsync(CancellationToken deadline)
    {
        LinkedListNode<TaskCompletionSource<LdapConnection>> place;
        lock (_gate)
        {
            if (TryTakeIdle() is { } idle)
            {
                return idle;
            }

            place = _waiting.AddLast(new TaskCompletionSource<LdapConnection>(TaskCreationOptions.RunContinuationsAsynchronously));
            OpenMore();
        }

        await using var expiry = deadline.UnsafeRegister(
            static waiter => ((TaskCompletionSource<LdapConnection>)waiter!).TrySetException(
                new LdapException(LdapFault.TimedOut, "no connection was free by the deadline")),
            place.Value);
        try
        {
            return await place.Value.Task;
        }
        finally
        {
            lock (_gate)
            {
                if (place.List is not null)
                {
                    _waiting.Remove(place);
                }
            }
        }
    }

    /// <summary>Gives a rented connection back, sound or not.</summary>
    public void Return(LdapConnection connection)
    {
        lock (_gate)
        {
            if (!connection.IsUsable || _closing.IsCancellationRequested)
            {
                return; // Its end is watched.
            }

            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                if (first.Value.TrySetResult(connection))
                {
                    return;
                }
            }

            _idle.Add((connection, time.GetTimestamp()));
        }
    }

    /// <summary>Closes what has been idle too long.</summary>
    public Task PruneAsync() => CloseIdleAsync(since => time.GetElapsedTime(since) >= MaxIdle);

    /// <summary>Closes all idle connections: their controller has failed, and what a connection has been through while it was
    /// away nobody knows.</summary>
    public Task DropIdleAsync() => CloseIdleAsync(_ => true);

    /// <summary>Ends every connection, rented ones too, and every wait.</summary>
    public async ValueTask DisposeAsync()
    {
        LdapConnection[] open;
        lock (_gate)
        {
            _closing.Cancel();
            open = [.. _open];
            _idle.Clear();
            FailAll(new LdapException(LdapFault.ConnectionLost, "the connections to this domain controller are closed"));
        }

        await Task.WhenAll(open.Select(each => each.DisposeAsync().AsTask()));
    }

    private async Task CloseIdleAsync(Predicate<long> isMeant)
    {
        LdapConnection[] meant;
        lock (_gate)
        {
            meant = [.. _idle.Where(each => isMeant(each.Since)).Select(each => each.Connection)];
            _idle.RemoveAll(each => isMeant(each.Since));
        }

        await Task.WhenAll(meant.Select(each => each.DisposeAsync().AsTask()));
    }

    // The last returned first: the others grow old and are closed when there is less to do.
    private LdapConnection? TryTakeIdle()
    {
        while (_idle.Count > 0)
        {
            var (connection, _) = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            if (connection.IsUsable)
            {
                return connection;
            }
        }

        return null;
    }

    private void OpenMore()
    {
        while (_connecting < Math.Min(MaxConnectsAtOnce, _waiting.Count) && _open.Count + _connecting < size
            && !_closing.IsCancellationRequested)
        {
            _connecting++;
            _ = Task.Run(OpenAsync);
        }
    }

    private async Task OpenAsync()
    {
        LdapConnection? connection = null;
        LdapException? fault = null;
        var began = time.GetTimestamp();
        try
        {
            using var timeout = new CancellationTokenSource(connectTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
            connection = await connect(either.Token);
        }
        catch (Exception e)
        {
            // Whatever it is, those who wait must hear of it.
            fault = e as LdapException ?? new LdapException(LdapFault.Unreachable, e.Message, e);
        }

        if (fault is not null && !_closing.IsCancellationRequested)
        {
            whenNotOpened(fault, began);
        }

        lock (_gate)
        {
            _connecting--;
            if (connection is not null && !_closing.IsCancellationRequested)
            {
                _open.Add(connection);
                _ = WatchAsync(connection);
                Return(connection);
                return;
            }

            FailSome(fault);
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task WatchAsync(LdapConnection connection)
    {
        await connection.Ended;
        lock (_gate)
        {
            _open.Remove(connection);
            _idle.RemoveAll(each => each.Connection == connection);
            OpenMore();
        }
    }

    // While other connections live, their return serves those who wait: one failure answers for one of them.
    private void FailSome(LdapException? fault)
    {
        fault ??= new LdapException(LdapFault.ConnectionLost, "the connections to this domain controller are closed");
        if (_open.Count == 0 && _connecting == 0)
        {
            FailAll(fault);
        }
        else if (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            first.Value.TrySetException(new LdapException(fault.Fault, fault.Message, fault));
        }
    }

    private void FailAll(LdapException fault)
    {
        foreach (var waiter in _waiting)
        {
            waiter.TrySetException(new LdapException(fault.Fault, fault.Message, fault));
        }

        _waiting.Clear();
    }
}
