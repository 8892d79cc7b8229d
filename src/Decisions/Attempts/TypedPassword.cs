using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Decisions.Attempts;

/// <summary>A password as its owner typed it, in UTF-8. Cannot be printed, compared, serialized or copied by accident;
/// lives in a pinned buffer (so that the garbage collector leaves no second copy) that <see cref="Dispose"/> zeroes.</summary>
public sealed class TypedPassword : IDisposable
{
    /// <summary>The longest password that is accepted, in bytes of UTF-8. Active Directory takes up to 256 UTF-16 units,
    /// which is at most 768 bytes; a longer one cannot be right.</summary>
    public const int MaxBytes = 768;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[]? _bytes;
    private readonly int _length;

    private TypedPassword(ReadOnlySpan<byte> utf8)
    {
        _bytes = GC.AllocateArray<byte>(utf8.Length, pinned: true);
        _length = utf8.Length;
        utf8.CopyTo(_bytes);
    }

    /// <summary>Length in bytes of UTF-8.</summary>
    public int Length => _length;

    /// <summary>Takes a copy of <paramref name="utf8"/>; the caller zeroes its own. Says why it refuses: what is refused here
    /// must never reach a domain controller (an empty password would be an unauthenticated bind, RFC 4513 5.1.2; a NUL cuts
    /// the password at it in widely used servers, so that a prefix would sign in).</summary>
    public static PasswordFault TryCreate(ReadOnlySpan<byte> utf8, out TypedPassword? password)
    {
        var fault = Check(utf8);
        password = fault == PasswordFault.None ? new TypedPassword(utf8) : null;
        return fault;
    }

    /// <summary>As the other overload, for a framework that hands over text: a string cannot be zeroed, so the caller's
    /// copy lives until it is collected.</summary>
    public static PasswordFault TryCreate(string text, out TypedPassword? password)
    {
        password = null;
        if (text.Length > MaxBytes)
        {
            return PasswordFault.TooLong;
        }

        var buffer = GC.AllocateArray<byte>(Strict.GetMaxByteCount(text.Length), pinned: true);
        try
        {
            return TryCreate(buffer.AsSpan(0, Strict.GetBytes(text, buffer)), out password);
        }
        catch (EncoderFallbackException)
        {
            return PasswordFault.NotUnicode;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>The one door to the plaintext. The span must not outlive <paramref name="use"/>.</summary>
    /// <exception cref="ObjectDisposedException">The password was disposed of.</exception>
    public TResult Reveal<TArgument, TResult>(TArgument argument, Func<TArgument, ReadOnlySpan<byte>, TResult> use)
    {
        var bytes = _bytes ?? throw new ObjectDisposedException(nameof(TypedPassword));
        return use(argument, bytes.AsSpan(0, _length));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public override string ToString() => "[password]";

    private static PasswordFault Check(ReadOnlySpan<byte> utf8) =>
        utf8.IsEmpty ? PasswordFault.Empty
        : utf8.Length > MaxBytes ? PasswordFault.TooLong
        : utf8.Contains((byte)0) ? PasswordFault.ContainsNul
        : !System.Text.Unicode.Utf8.IsValid(utf8) ? PasswordFault.NotUnicode
        : PasswordFault.None;
}

/// <summary>Why a password is refused before anything is sent anywhere.</summary>
public enum PasswordFault
{
    None,
    Empty,
    ContainsNul,
    NotUnicode,
    TooLong,
}
