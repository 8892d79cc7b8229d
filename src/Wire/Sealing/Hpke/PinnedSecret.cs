using System.Security.Cryptography;

namespace Passthrough.Wire.Sealing.Hpke;

/// <summary>Key bytes in a pinned buffer, so that the garbage collector leaves no second copy behind; zeroed by
/// <see cref="Dispose"/>. Cannot be printed.</summary>
internal sealed class PinnedSecret : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    /// <summary>All zero at first: the caller writes the key into <see cref="Bytes"/>.</summary>
    public PinnedSecret(int size) => _bytes = GC.AllocateArray<byte>(size, pinned: true);

    /// <exception cref="ObjectDisposedException">The secret is gone. Never an empty or zero key instead.</exception>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    public static PinnedSecret Random(int size)
    {
        var secret = new PinnedSecret(size);
        RandomNumberGenerator.Fill(secret.Bytes);
        return secret;
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    public override string ToString() => "[secret]";
}
