namespace Passthrough.Directories.Ldap;

/// <summary>What a message did to the operation that it belongs to.</summary>
internal enum Progress
{
    /// <summary>More is to come.</summary>
    Goes,

    /// <summary>It was the last.</summary>
    Done,

    /// <summary>It cannot belong to this operation, or breaks the rules.</summary>
    Malformed,
}

/// <summary>Where an operation stands. Changed only under the lock of its connection.</summary>
internal enum OperationState
{
    /// <summary>Nothing of it has left this process.</summary>
    Queued,

    /// <summary>Some of it may have.</summary>
    Sent,

    /// <summary>Its asker has gone; a late answer is thrown away.</summary>
    GivenUp,
}

/// <summary>One request on a connection, until its answer.</summary>
internal abstract class PendingOperation
{
    public int MessageId { get; set; }

    public OperationState State { get; set; }

    /// <summary>How many messages had come on the connection when it was sent.</summary>
    public long MessagesBefore { get; set; }

    /// <summary>When it was sent, in milliseconds of the monotonic clock.</summary>
    public long SentAtMs { get; set; }

    public abstract bool IsBind { get; }

    /// <summary>Takes a message of the directory. Called by the connection's reader only, one at a time.</summary>
    public abstract Progress Accept(in LdapMessage message);

    /// <summary>Ends it without an answer.</summary>
    public abstract void Fail(LdapException fault);

    /// <summary>Whether a message ends its operation. Entries, references and intermediate responses do not.</summary>
    public static bool IsFinal(in LdapMessage message) => message.Operation
        is not (LdapMessage.SearchResultEntry or LdapMessage.SearchResultReference or LdapMessage.IntermediateResponse);
}

/// <summary>An operation with its answer.</summary>
internal abstract class PendingOperation<T> : PendingOperation
{
    // The reader must not run its askers' code.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Fail(LdapException fault) => _answer.TrySetException(fault);

    protected Progress Succeed(T answer)
    {
        _answer.TrySetResult(answer);
        return Progress.Done;
    }
}

/// <summary>A bind or a modify: one LDAPResult.</summary>
internal sealed class ResultOperation(int expected) : PendingOperation<LdapResult>
{
    public override bool IsBind => expected == LdapMessage.BindResponse;

    public override Progress Accept(in LdapMessage message)
    {
        var cursor = new BerCursor(message.Body);
        return message.Operation == expected && LdapResult.TryRead(ref cursor, out var result)
            ? Succeed(result)
            : Progress.Malformed;
    }
}

internal sealed class ExtendedOperation : PendingOperation<ExtendedResult>
{
    public override bool IsBind => false;

    public override Progress Accept(in LdapMessage message) => message.Operation switch
    {
        LdapMessage.IntermediateResponse => Progress.Goes,
        LdapMessage.ExtendedResponse when ExtendedResult.Read(message.Body) is { } result => Succeed(result),
        _ => Progress.Malformed,
    };
}

/// <summary>A search: entries and references in any order, then the result.</summary>
/// <param name="wanted">Entries that were asked for; one more is a fault.</param>
internal sealed class SearchOperation(int wanted) : PendingOperation<SearchReply>
{
    private readonly List<SearchEntry> _entries = [];
    private int _references;
    private int _bytes;

    public override bool IsBind => false;

    public override Progress Accept(in LdapMessage message)
    {
        _bytes += message.Body.Length;
        if (_bytes > LdapLimits.MaxSearchBytes)
        {
            return Progress.Malformed;
        }

        switch (message.Operation)
        {
            case LdapMessage.SearchResultEntry when _entries.Count < wanted && SearchEntry.Read(message.Body) is { } entry:
                _entries.Add(entry);
                return Progress.Goes;
            case LdapMessage.SearchResultReference when _references++ < LdapLimits.MaxReferences:
                return Progress.Goes;
            case LdapMessage.SearchResultDone:
                var cursor = new BerCursor(message.Body);
                return LdapResult.TryRead(ref cursor, out var result)
                    ? Succeed(new SearchReply(result, _entries))
                    : Progress.Malformed;
            default:
                return Progress.Malformed;
        }
    }
}
