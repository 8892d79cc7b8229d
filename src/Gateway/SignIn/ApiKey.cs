using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.SignIn;

/// <summary>What a service shows to have passwords validated, or a person to see a tenant's page. Written <c>pta1.ID.SECRET</c> or
/// <c>ptt1.ID.SECRET</c>: what it opens, an id that may be shown and logged, and a secret of which only a hash is stored.</summary>
public sealed class ApiKey
{
    private const int IdSize = 9;
    private const int SecretSize = 32;
    private readonly byte[] _secret;
    private readonly KeyPurpose _purpose;

    private ApiKey(KeyPurpose purpose, string id, byte[] secret) => (_purpose, Id, _secret) = (purpose, id, secret);

    /// <summary>12 characters of base64url.</summary>
    public string Id { get; }

    /// <summary>What is stored: SHA-256 of the secret. 256 random bits need no salt and no slow hash.</summary>
    public byte[] SecretHash => SHA256.HashData(_secret);

    public static ApiKey Create(KeyPurpose purpose) =>
        new(purpose, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdSize)), RandomNumberGenerator.GetBytes(SecretSize));

    /// <param name="purpose">A key that opens something else is none.</param>
    public static bool TryParse(string text, KeyPurpose purpose, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        var parts = text.Length <= 100 ? text.Split('.') : [];
        if (parts is not [var prefix, var id, var secret] || prefix != PrefixOf(purpose)
            || !TryDecode(id, IdSize, out _) || !TryDecode(secret, SecretSize, out var bytes))
        {
            return false;
        }

        key = new ApiKey(purpose, id, bytes);
        return true;
    }

    /// <summary>Whether this is the key of which <paramref name="stored"/> is the stored half; in constant time.</summary>
    public bool Matches(ApiKeyEntry stored) =>
        stored.Id == Id && stored.Purpose == _purpose && CryptographicOperations.FixedTimeEquals(SecretHash, stored.SecretHash);

    /// <summary>The one door to the text that is handed to its owner.</summary>
    public string Reveal() => $"{PrefixOf(_purpose)}.{Id}.{Base64Url.EncodeToString(_secret)}";

    public override string ToString() => $"[API key {Id}]";

    private static string PrefixOf(KeyPurpose purpose) => purpose == KeyPurpose.Validation ? "pta1" : "ptt1";

    private static bool TryDecode(string text, int size, out byte[] bytes)
    {
        bytes = new byte[size];
        return text.Length == Base64Url.GetEncodedLength(size)
            && Base64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done && written == size;
    }
}
