using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;
using static Passthrough.Wire.Tests.Sealing.GoldenVectors;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>The bytes on the wire do not change unnoticed: a release that changes one of these files cannot talk to the
/// release before it.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly GoldenVectors _vectors = new();

    [Fact]
    public void The_header_is_as_stored()
    {
        HeaderFile.AssertIs(
            ("tenant", _vectors.Header.Tenant),
            ("forest", _vectors.Header.Forest),
            ("attempt_id", _vectors.Header.AttemptId.ToByteArray(bigEndian: true)),
            ("user_name", _vectors.Header.UserName),
            ("issued_at_unix_ms", _vectors.Header.IssuedAtUnixMs),
            ("time_to_live_ms", _vectors.Header.TimeToLiveMs),
            ("attempt_number", _vectors.Header.AttemptNumber),
            ("gateway_instance", _vectors.Header.GatewayInstance.ToByteArray(bigEndian: true)),
            ("network", $"{_vectors.Header.Network}"),
            ("device", _vectors.Header.Device!.Value.ToByteArray(bigEndian: true)),
            ("encoded", _vectors.Header.Encode()));
        Assert.Equal(UnwrapFault.None, AttemptHeader.Decode(HeaderFile.Bytes("encoded"), out var read));
        Assert.Equal(_vectors.Header, read);
    }

    [Fact]
    public void The_sealing_key_is_as_stored()
    {
        KeyFile.AssertIs(
            ("tenant", _vectors.Agent.Tenant),
            ("agent_id", _vectors.Agent.AgentId),
            ("certificate_private_key", KeyFile.Bytes("certificate_private_key")),
            ("certificate_public_key", KeyFile.Bytes("certificate_public_key")),
            ("private_key", KeyFile.Bytes("private_key")),
            ("key_id", _vectors.SealingKey.KeyId.ToArray()),
            ("public_key", _vectors.Offer.PublicKey.ToByteArray()),
            ("signed", _vectors.SignedBytes),
            ("signature", KeyFile.Bytes("signature")));
        Assert.Equal(OfferFault.None, SealingKeyOffer.Verify(_vectors.Offer, _vectors.Agent, _vectors.CertificateKey));
    }

    [Fact]
    public void The_session_is_as_stored() =>
        SessionFile.AssertIs(
            ("session_id", _vectors.Sender.Announcement.SessionId.ToByteArray()),
            ("opened_at_unix_ms", _vectors.Sender.Announcement.OpenedAtUnixMs),
            ("ephemeral_private_key", SessionFile.Bytes("ephemeral_private_key")),
            ("enc", _vectors.Sender.Announcement.Enc.ToByteArray()),
            ("info", _vectors.SessionInfo),
            ("wrap_key", _vectors.Export(SealingLayouts.WrapKeyLabel, 32)),
            ("wrap_nonce", _vectors.Export(SealingLayouts.WrapNonceLabel, 12)));

    [Fact]
    public void The_wrap_is_as_stored()
    {
        var nonce = SessionFile.Bytes("wrap_nonce");
        var low = nonce.AsSpan(4);
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ _vectors.Message.Wraps[0].Counter);
        WrapFile.AssertIs(
            ("content_key", WrapFile.Bytes("content_key")),
            ("counter", _vectors.Message.Wraps[0].Counter),
            ("nonce", nonce),
            ("wrapped_key", _vectors.Message.Wraps[0].WrappedKey.ToByteArray()));

        // The session's key, and the header as associated data, by the framework's own cipher.
        var contentKey = new byte[32];
        var wrapped = WrapFile.Bytes("wrapped_key");
        using var aes = new AesGcm(SessionFile.Bytes("wrap_key"), 16);
        aes.Decrypt(nonce, wrapped.AsSpan(0, 32), wrapped.AsSpan(32), contentKey, HeaderFile.Bytes("encoded"));
        Assert.Equal(WrapFile.Bytes("content_key"), contentKey);
    }

    [Fact]
    public void The_sealed_password_is_as_stored()
    {
        var sealedText = _vectors.Message.SealedPassword.ToByteArray();
        var padded = new byte[sealedText.Length - 16];
        using var aes = new AesGcm(WrapFile.Bytes("content_key"), 16);
        aes.Decrypt(new byte[12], sealedText.AsSpan(0, padded.Length), sealedText.AsSpan(padded.Length), padded, HeaderFile.Bytes("encoded"));
        PasswordFile.AssertIs(("password", PasswordFile.Text("password")), ("padded", padded), ("sealed_password", sealedText));
        Assert.True(_vectors.Opened.TryOpenPassword(Encoding.UTF8.GetString, out var password));
        Assert.Equal(PasswordFile.Text("password"), password);
    }

    [Fact]
    public void The_answer_is_as_stored()
    {
        var key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, WrapFile.Bytes("content_key"), 32, salt: [], info: SealingLayouts.AnswerKeyLabel.ToArray());
        AnswerFile.AssertIs(
            ("verdict", _vectors.Answer.Verdict),
            ("detail", _vectors.Answer.Detail.ToByteArray()),
            ("answer_key", key),
            ("authenticated", AnswerFile.Bytes("authenticated")),
            ("mac", _vectors.Answer.Mac.ToByteArray()));
        Assert.Equal(HMACSHA256.HashData(key, AnswerFile.Bytes("authenticated")), AnswerFile.Bytes("mac"));
        Assert.Equal(AnswerFault.None, _vectors.Attempt.Verify(_vectors.Answer, _vectors.Agent.AgentId, out var detail));
        Assert.Equal(_vectors.Detail, detail);
    }

    [Fact]
    public void The_messages_of_the_stream_are_as_stored()
    {
        StreamFile.AssertIs(
            ("remaining_ms", _vectors.Message.RemainingMs),
            ("account", StreamFile.Bytes("account")),
            ("search_id", StreamFile.Bytes("search_id")),
            ("hello", _vectors.Hello.ToByteArray()),
            ("welcome", _vectors.Welcome.ToByteArray()),
            ("sealing_session", new FromGateway { SealingSession = _vectors.Sender.Announcement }.ToByteArray()),
            ("attempt", new FromGateway { Attempt = _vectors.Message }.ToByteArray()),
            ("answer", new FromAgent { Answer = _vectors.Answer }.ToByteArray()),
            ("lock_ended", _vectors.LockEnded.ToByteArray()),
            ("forest_suffixes", _vectors.ForestSuffixes.ToByteArray()),
            ("find_name", _vectors.FindName.ToByteArray()),
            ("name_found", GoldenVectors.NameFound.ToByteArray()));
        Assert.Equal(_vectors.Message, FromGateway.Parser.ParseFrom(StreamFile.Bytes("attempt")).Attempt);
        Assert.Equal(_vectors.Answer, FromAgent.Parser.ParseFrom(StreamFile.Bytes("answer")).Answer);
    }

    public void Dispose() => _vectors.Dispose();
}
