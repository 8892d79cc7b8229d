using Passthrough.Decisions.Attempts;

namespace Passthrough.Directories.Ldap;

/// <summary>One connection to a directory (LDAPv3, RFC 4511). Every operation ends by its deadline, whatever the peer does:
/// with its answer or with an <see cref="LdapException"/>. Searches and other operations may overlap; a bind is alone on
/// the connection (4.2.1). A connection that faulted stays so: it is replaced, not repaired.</summary>
internal sealed partial class LdapConnection : IAsyncDisposable
{
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly Action<bool> _close;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PendingOperation> _pending = [];
    private LdapException? _fault;
    private long _messagesReceived;
    private int _lastMessageId;
    private int _givenUp;
    private bool _isBinding;

    /// <param name="stream">The transport, TLS included. Owned from here on.</param>
    /// <param name="close">Ends the transport so that reads and writes under way end too: in good order, or (true) at once and
    /// whatever becomes of what was written. Called once.</param>
    public LdapConnection(Stream stream, Action<bool> close)
    {
        (_stream, _close) = (stream, close);
        Ended = ReadAsync();
    }

    /// <summary>Completes when nothing more can come, the transport is closed and all operations have ended. Never faults.</summary>
    public Task Ended { get; }

    public bool IsUsable => Volatile.Read(ref _fault) is null;

    /// <summary>A simple bind. Whatever it answers, the connection may be used for the next; after a deadline it is
    /// faulted, since a late answer would be taken for that of the next bind's question.</summary>
    /// <param name="name">A distinguished name, or a form of name that the directory accepts in its place.</param>
    /// <exception cref="LdapException">No answer. <see cref="LdapException.MayHaveBeenSent"/> says whether the password may
    /// have left.</exception>
    public async Task<LdapResult> BindAsync(string name, TypedPassword password, CancellationToken deadline)
    {
        var operation = new ResultOperation(LdapMessage.BindResponse);
        Register(operation);
        try
        {
            await using var expiry = ExpireAt(operation, deadline);
            await SendAsync(operation, (name, password), WriteBind, deadline);
            return await operation.Answer;
        }
        finally
        {
            Forget(operation);
        }
    }

    /// <exception cref="LdapException">No answer.</exception>
    public Task<SearchReply> SearchAsync(SearchRequest request, CancellationToken deadline) =>
        RunAsync(new SearchOperation(request.SizeLimit), request, deadline);

    /// <exception cref="LdapException">No answer.</exception>
    public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken deadline) =>
        RunAsync(new ResultOperation(LdapMessage.ModifyResponse), request, deadline);

    /// <exception cref="LdapException">No answer.</exception>
    public Task<ExtendedResult> ExtendedAsync(ExtendedRequest request, CancellationToken deadline) =>
        RunAsync(new ExtendedOperation(), request, deadline);

    /// <summary>Says goodbye if the connection is sound, and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsUsable)
        {
            using var patience = new CancellationTokenSource(FarewellTimeout);
            var isTold = await TryTellAsync(new UnbindRequest(), patience.Token);
            Fault(new LdapException(LdapFault.ConnectionLost, "the connection was closed by this side"), abruptly: !isTold);
        }

        await Ended;
    }

    private async Task<T> RunAsync<T>(PendingOperation<T> operation, ILdapRequest request, CancellationToken deadline)
    {
        Register(operation);
        try
        {
            await using var expiry = ExpireAt(operation, deadline);
            await SendAsync(operation, request, WriteRequest, deadline);
            return await operation.Answer;
        }
        finally
        {
            Forget(operation);
        }
    }

    private void Register(PendingOperation operation)
    {
        lock (_gate)
        {
            if (_fault is { } fault)
            {
                throw new LdapException(LdapFault.ConnectionLost, fault.Message, fault);
            }

            if (_isBinding || (operation.IsBind && _pending.Count > _givenUp))
            {
                throw new InvalidOperationException("a bind must be alone on its connection (RFC 4511 4.2.1)");
            }

            _isBinding = operation.IsBind;
            operation.MessageId = TakeMessageId();
            _pending.Add(operation.MessageId, operation);
        }
    }

    private int NextMessageId()
    {
        lock (_gate)
        {
            return TakeMessageId();
        }
    }

    // 1 to 2^31 - 1 (4.1.1.1), none that may still be answered.
    private int TakeMessageId()
    {
        do
        {
            _lastMessageId = _lastMessageId == int.MaxValue ? 1 : _lastMessageId + 1;
        }
        while (_pending.ContainsKey(_lastMessageId));
        return _lastMessageId;
    }

    // What was given up stays, so that its late answer is known for what it is.
    private void Forget(PendingOperation operation)
    {
        lock (_gate)
        {
            _isBinding = _isBinding && !operation.IsBind;
            if (operation.State != OperationState.GivenUp)
            {
                _pending.Remove(operation.MessageId);
            }
        }
    }
}
