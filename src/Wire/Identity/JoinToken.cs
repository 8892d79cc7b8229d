using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Passthrough.Wire.Identity;

/// <summary>A one-time leave to enrol. It carries the fingerprint of the gateway's CA, so that an agent that has nothing but
/// the token knows whether it talks to the gateway that made it. Written <c>ptj1.SECRET.FINGERPRINT</c>, both base64url.</summary>
public sealed class JoinToken
{
    private const string Prefix = "ptj1";
    private const int SecretSize = 32;
    private readonly byte[] _secret;

    private JoinToken(byte[] secret, byte[] caFingerprint) => (_secret, CaFingerprint) = (secret, caFingerprint);

    /// <summary>SHA-256 of the CA certificate in DER, 32 bytes.</summary>
    public byte[] CaFingerprint { get; }

    /// <summary>What the gateway stores: SHA-256 of the secret. 256 random bits need no salt and no slow hash.</summary>
    public byte[] SecretHash => SHA256.HashData(_secret);

    /// <summary>A fresh token for the CA with this certificate (DER).</summary>
    public static JoinToken Create(ReadOnlySpan<byte> caCertificate) =>
        new(RandomNumberGenerator.GetBytes(SecretSize), SHA256.HashData(caCertificate));

    /// <summary>Reads a token as an administrator pastes it: spaces around it do not matter, case does. Says nothing of
    /// whether it was ever given out, used or has expired: that is the gateway's to know.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JoinToken? token)
    {
        token = null;
        var parts = text.Length <= 200 ? text.Trim().Split('.') : [];
        if (parts.Length != 3 || parts[0] != Prefix || !TryDecode(parts[1], out var secret) || !TryDecode(parts[2], out var pin))
        {
            return false;
        }

        token = new JoinToken(secret, pin);
        return true;
    }

    /// <summary>The one door to the text that is handed to the agent's administrator.</summary>
    public string Reveal() => $"{Prefix}.{Base64Url.EncodeToString(_secret)}.{Base64Url.EncodeToString(CaFingerprint)}";

    public override string ToString() => "[join token]";

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = new byte[SecretSize];
        // The framework's Try… throws for a character outside the alphabet; this overload tells.
        return text.Length == 43
            && Base64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done && written == SecretSize;
    }
}
