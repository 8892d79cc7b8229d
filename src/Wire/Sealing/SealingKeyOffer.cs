using System.Security.Cryptography;
using Google.Protobuf;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Sealing;

/// <summary>The signature that ties a sealing key to the agent's certificate: ECDSA P-256 with SHA-256, in IEEE P1363 form,
/// over <see cref="SealingLayouts.KeyOffer"/>.</summary>
internal static class SealingKeyOffer
{
    private const int SignatureSize = 64;
    private const int CurveBits = 256;

    public static SealingKey Sign(AgentIdentity agent, ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> publicKey, ECDsa certificateKey)
    {
        var signature = certificateKey.SignData(
            SealingLayouts.KeyOffer(agent, keyId, publicKey), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return new SealingKey
        {
            KeyId = ByteString.CopyFrom(keyId),
            PublicKey = ByteString.CopyFrom(publicKey),
            Signature = UnsafeByteOperations.UnsafeWrap(signature),
        };
    }

    /// <summary>Looks at lengths and signature; the point is read only after that.</summary>
    public static OfferFault Verify(SealingKey offer, AgentIdentity agent, ECDsa certificateKey)
    {
        if (offer.KeyId.Length != SealingLayouts.KeyIdSize || offer.PublicKey.Length != DhKem.PointSize)
        {
            return OfferFault.Malformed;
        }

        var signed = SealingLayouts.KeyOffer(agent, offer.KeyId.Span, offer.PublicKey.Span);
        return offer.Signature.Length == SignatureSize
            && certificateKey.KeySize == CurveBits
            && certificateKey.VerifyData(
                signed, offer.Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            ? OfferFault.None
            : OfferFault.BadSignature;
    }
}
