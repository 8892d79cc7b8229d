using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Pooling;

/// <summary>The one connection to a domain controller that is bound as the service account. Searches overlap on it; it is
/// opened when it is first needed, by one for all, and replaced when it has died.</summary>
/// <param name="open">Connects and binds, by its own deadline.</param>
internal sealed class SearchChannel(Func<Task<LdapConnection>> open) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<LdapConnection>? _current;
    private bool _isClosed;

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _current is { } current && IsGood(current);
            }
        }
    }

    /// <summary>The connection, opened if need be.</summary>
    /// <exception cref="LdapException">It could not be opened.</exception>
    /// <exception cref="DirectoryFaultException">The service account cannot be used.</exception>
    public async Task<LdapConnection> OpenAsync(CancellationToken deadline)
    {
        Task<LdapConnection> opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_current is null || (_current.IsCompleted && !IsGood(_current)))
            {
                _current = Task.Run(open);
            }

            opening = _current;
        }

        try
        {
            return await opening.WaitAsync(deadline);
        }
        catch (OperationCanceledException e)
        {
            throw new LdapException(LdapFault.TimedOut, "the connection for searches was not open by the deadline", e);
        }
    }

    /// <summary>Closes the connection; the next search opens another.</summary>
    public async Task DropAsync()
    {
        Task<LdapConnection>? dropped;
        lock (_gate)
        {
            (dropped, _current) = (_current, null);
        }

        if (dropped is not null)
        {
            await CloseAsync(dropped);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        await DropAsync();
    }

    private static bool IsGood(Task<LdapConnection> opened) => opened.IsCompletedSuccessfully && opened.Result.IsUsable;

    private static async Task CloseAsync(Task<LdapConnection> opened)
    {
        try
        {
            await (await opened).DisposeAsync();
        }
        catch (Exception e) when (e is LdapException or DirectoryFaultException)
        {
            // It never opened, which was told to those who asked for it.
        }
    }
}
