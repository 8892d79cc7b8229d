using System.Security.Cryptography;

namespace Passthrough.Gateway.SignIn;

/// <summary>A request's body that holds a password: read whole into one pinned buffer, never longer than its limit, zeroed
/// at the end. What passes through the server's own buffers on the way is beyond reach: those are the framework's, reused
/// and overwritten by later requests.</summary>
internal sealed class BoundedBody : IDisposable
{
    private readonly byte[] _buffer;
    private int _length;

    private BoundedBody(int limit) => _buffer = GC.AllocateUninitializedArray<byte>(limit + 1, pinned: true);

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Null if the body is longer than <paramref name="limit"/> bytes.</summary>
    public static async Task<BoundedBody?> ReadAsync(HttpRequest request, int limit, CancellationToken cancel)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        var body = new BoundedBody(limit);
        try
        {
            while (body._length <= limit)
            {
                var count = await request.Body.ReadAsync(body._buffer.AsMemory(body._length), cancel);
                if (count == 0)
                {
                    return body;
                }

                body._length += count;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }

        body.Dispose();
        return null;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_buffer);
        _length = 0;
    }
}
