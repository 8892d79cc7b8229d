namespace Passthrough.Directories.Ldap;

/// <summary>The receiving half: one reader for the life of the connection, so that its end is noticed while it is idle.</summary>
internal sealed partial class LdapConnection
{
    private async Task ReadAsync()
    {
        // The constructor's caller is not kept waiting by what has already come.
        await Task.Yield();
        var buffer = new MessageBuffer();
        try
        {
            while (IsUsable)
            {
                var count = await _stream.ReadAsync(buffer.Room());
                if (count == 0)
                {
                    Fault(new LdapException(LdapFault.ConnectionLost, "the directory closed the connection"));
                }

                buffer.Add(count);
                DispatchAll(buffer);
            }
        }
        catch (Exception e)
        {
            // Whatever a transport throws when it ends, by our own abort too.
            Fault(new LdapException(LdapFault.ConnectionLost, e.Message, e));
        }

        // A write may still be under way on a transport that was aborted: it ends first.
        await _writing.WaitAsync();
        await _stream.DisposeAsync();
        _writing.Release();
    }

    private void DispatchAll(MessageBuffer buffer)
    {
        while (IsUsable)
        {
            var framing = buffer.TryTake(out var frame);
            if (framing == Framing.Incomplete)
            {
                return;
            }

            if (framing == Framing.Malformed || !LdapMessage.TryRead(frame, out var message))
            {
                Fault(new LdapException(LdapFault.Malformed, "the directory sent what is not LDAP, or too large a message"));
            }
            else if (message.Id == 0)
            {
                // A notice of disconnection (4.4.1) is the only unsolicited notification that there is.
                Fault(new LdapException(LdapFault.ConnectionLost, "the directory gave notice of disconnection"));
            }
            else
            {
                Dispatch(message);
            }
        }
    }

    private void Dispatch(in LdapMessage message)
    {
        PendingOperation? operation;
        bool isWanted;
        lock (_gate)
        {
            _messagesReceived++;
            isWanted = _pending.TryGetValue(message.Id, out operation) && operation.State == OperationState.Sent;
            if (operation?.State == OperationState.GivenUp && PendingOperation.IsFinal(message))
            {
                _pending.Remove(message.Id);
                _givenUp--;
            }
        }

        var progress = operation is null ? Progress.Malformed : isWanted ? operation.Accept(message) : Progress.Goes;
        if (progress == Progress.Malformed)
        {
            Fault(new LdapException(LdapFault.Malformed, "the directory sent an answer that fits no question"));
        }
        else if (progress == Progress.Done)
        {
            lock (_gate)
            {
                _pending.Remove(message.Id);
            }
        }
    }

    // The first fault counts: ends the transport and every operation.
    private void Fault(LdapException fault, bool abruptly = true)
    {
        PendingOperation[] ended;
        lock (_gate)
        {
            if (_fault is not null)
            {
                return;
            }

            _fault = fault;
            ended = [.. _pending.Values];
            _pending.Clear();
        }

        _close(abruptly);
        foreach (var operation in ended)
        {
            operation.Fail(new LdapException(fault.Fault, fault.Message, fault)
            {
                MayHaveBeenSent = operation.State == OperationState.Sent,
            });
        }
    }
}
