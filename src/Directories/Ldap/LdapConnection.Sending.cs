using System.Formats.Asn1;
using System.Security.Cryptography;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Directories.Ldap;

/// <summary>The sending half: one message at a time, from a pinned buffer that is zeroed, since some hold passwords.</summary>
internal sealed partial class LdapConnection
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly AsnWriter _writer = new(AsnEncodingRules.BER, 512);
    private byte[] _sendBuffer = GC.AllocateArray<byte>(1_024, pinned: true);

    /// <summary>What is left in the buffer: nothing, when no message is being sent.</summary>
    internal ReadOnlySpan<byte> SendBuffer => _sendBuffer;

    private async Task SendAsync<TRequest>(
        PendingOperation operation, TRequest request, Func<int, TRequest, int> write, CancellationToken deadline)
    {
        try
        {
            await _writing.WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            // The expiry has ended it, or is about to.
            return;
        }

        var length = 0;
        try
        {
            length = write(operation.MessageId, request);
            if (TryMarkSent(operation))
            {
                await TransmitAsync(length, deadline);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(_sendBuffer.AsSpan(0, length));
            _writing.Release();
        }
    }

    // For requests without a response. False if it was not written by the deadline.
    private async Task<bool> TryTellAsync(ILdapRequest request, CancellationToken deadline)
    {
        try
        {
            await _writing.WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        try
        {
            return IsUsable && await TransmitAsync(WriteRequest(NextMessageId(), request), deadline);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<bool> TransmitAsync(int length, CancellationToken deadline)
    {
        try
        {
            await _stream.WriteAsync(_sendBuffer.AsMemory(0, length), deadline);
            return true;
        }
        catch (Exception e)
        {
            // Whatever a transport throws. A part of the message may be on its way: nothing can be sent behind it.
            var fault = e is OperationCanceledException ? LdapFault.TimedOut : LdapFault.ConnectionLost;
            Fault(new LdapException(fault, fault == LdapFault.TimedOut ? "the directory takes no requests" : e.Message, e));
            return false;
        }
    }

    private bool TryMarkSent(PendingOperation operation)
    {
        lock (_gate)
        {
            if (_fault is not null || operation.State != OperationState.Queued)
            {
                return false;
            }

            operation.State = OperationState.Sent;
            operation.MessagesBefore = _messagesReceived;
            operation.SentAtMs = Environment.TickCount64;
            return true;
        }
    }

    // A peer that had its time and answered nothing at all is taken for dead; one that answers others is only slow.
    private bool IsSilentSince(PendingOperation operation) =>
        _messagesReceived == operation.MessagesBefore
        && Environment.TickCount64 - operation.SentAtMs >= SilenceThatCounts.TotalMilliseconds;

    private int WriteBind(int messageId, (string Name, TypedPassword Password) bind)
    {
        if (_sendBuffer.Length < BindRequest.MaxBytes)
        {
            _sendBuffer = GC.AllocateArray<byte>(BindRequest.MaxBytes, pinned: true);
        }

        return bind.Password.Reveal(
            (Id: messageId, bind.Name, Buffer: _sendBuffer),
            static (to, password) => BindRequest.Write(to.Id, to.Name, password, to.Buffer));
    }

    private int WriteRequest(int messageId, ILdapRequest request)
    {
        _writer.Reset();
        using (_writer.PushSequence())
        {
            _writer.WriteInteger(messageId);
            request.Write(_writer);
        }

        var length = _writer.GetEncodedLength();
        if (_sendBuffer.Length < length)
        {
            _sendBuffer = GC.AllocateArray<byte>(length, pinned: true);
        }

        _writer.Encode(_sendBuffer);
        _writer.Reset();
        return length;
    }
}
