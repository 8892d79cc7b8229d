using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.SignIn;

/// <summary>What a service shows to have passwords validated. Written <c>pta1.ID.SECRET</c>: an id that may be shown and
/// logged, and a secret of which only a hash is stored.</summary>
public sealed class ApiKey
{
    private const string Prefix = "pta1";
    private const int IdSize = 9;
    private const int SecretSize = 32;
    private readonly byte[] _secret;

    private ApiKey(string id, byte[] secret) => (Id, _secret) = (id, secret);

    /// <summary>12 characters of base64url.</summary>
    public string Id { get; }

    /// <summary>What is stored: SHA-256 of the secret. 256 random bits need no salt and no slow hash.</summary>
    public byte[] SecretHash => SHA256.HashData(_secret);

    public static ApiKey Create() =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdSize)), RandomNumberGenerator.GetBytes(SecretSize));

    public static bool TryParse(string text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        var parts = text.Length <= 100 ? text.Split('.') : [];
        if (parts is not [Prefix, var id, var secret]
            || !TryDecode(id, IdSize, out _) || !TryDecode(secret, SecretSize, out var bytes))
        {
            return false;
        }

        key = new ApiKey(id, bytes);
        return true;
    }

    /// <summary>Whether this is the key of which <paramref name="stored"/> is the stored half; in constant time.</summary>
    public bool Matches(ApiKeyEntry stored) =>
        stored.Id == Id && CryptographicOperations.FixedTimeEquals(SecretHash, stored.SecretHash);

    /// <summary>The one door to the text that is handed to the service's owner.</summary>
    public string Reveal() => $"{Prefix}.{Id}.{Base64Url.EncodeToString(_secret)}";

    public override string ToString() => $"[API key {Id}]";

    private static bool TryDecode(string text, int size, out byte[] bytes)
    {
        bytes = new byte[size];
        return text.Length == Base64Url.GetEncodedLength(size)
            && Base64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done && written == size;
    }
}
