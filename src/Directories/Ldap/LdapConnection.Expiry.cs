namespace Passthrough.Directories.Ldap;

/// <summary>What happens when an operation's deadline passes.</summary>
internal sealed partial class LdapConnection
{
    private static readonly TimeSpan SilenceThatCounts = TimeSpan.FromSeconds(1);

    private CancellationTokenRegistration ExpireAt(PendingOperation operation, CancellationToken deadline) =>
        deadline.UnsafeRegister(static state =>
        {
            var (connection, operation) = ((LdapConnection, PendingOperation))state!;
            connection.Expire(operation);
        }, (this, operation));

    private void Expire(PendingOperation operation)
    {
        bool wasSent, isBroken;
        lock (_gate)
        {
            if (!_pending.ContainsKey(operation.MessageId))
            {
                return;
            }

            wasSent = operation.State == OperationState.Sent;
            operation.State = OperationState.GivenUp;
            isBroken = wasSent && (operation.IsBind || IsSilentSince(operation) || _givenUp == LdapLimits.MaxAbandoned);
            _givenUp += wasSent ? 1 : 0;
            if (!wasSent)
            {
                _pending.Remove(operation.MessageId);
            }
        }

        var fault = new LdapException(LdapFault.TimedOut, "no answer by the deadline") { MayHaveBeenSent = wasSent };
        operation.Fail(fault);
        if (isBroken)
        {
            Fault(fault);
        }
        else if (wasSent)
        {
            _ = AbandonAsync(operation.MessageId);
        }
    }

    private async Task AbandonAsync(int messageId)
    {
        using var patience = new CancellationTokenSource(FarewellTimeout);
        if (!await TryTellAsync(new AbandonRequest(messageId), patience.Token))
        {
            Fault(new LdapException(LdapFault.TimedOut, "the directory takes no requests"));
        }
    }
}
