using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>The inputs of the golden files put through the code of both sides.</summary>
internal sealed class GoldenVectors : IDisposable
{
    public static readonly GoldenFile HeaderFile = new("header");
    public static readonly GoldenFile KeyFile = new("sealing-key");
    public static readonly GoldenFile SessionFile = new("session");
    public static readonly GoldenFile PasswordFile = new("password");
    public static readonly GoldenFile WrapFile = new("wrap");
    public static readonly GoldenFile AnswerFile = new("answer");
    public static readonly GoldenFile StreamFile = new("stream");

    public GoldenVectors()
    {
        Header = new AttemptHeader(
            HeaderFile.Text("tenant"), HeaderFile.Text("forest"), new Guid(HeaderFile.Bytes("attempt_id"), bigEndian: true),
            HeaderFile.Text("user_name"), HeaderFile.Number("issued_at_unix_ms"), (uint)HeaderFile.Number("time_to_live_ms"),
            (ushort)HeaderFile.Number("attempt_number"), new Guid(HeaderFile.Bytes("gateway_instance"), bigEndian: true),
            IPNetwork.Parse(HeaderFile.Text("network")), new Guid(HeaderFile.Bytes("device"), bigEndian: true));
        Agent = new AgentIdentity(KeyFile.Text("tenant"), KeyFile.Text("agent_id"));
        CertificateKey = TestKeys.Import<ECDsa>(KeyFile.Hex("certificate_private_key"), KeyFile.Hex("certificate_public_key"));
        OpenedAt = DateTimeOffset.FromUnixTimeMilliseconds(SessionFile.Number("opened_at_unix_ms"));
        var sealingKey = TestKeys.Import<ECDiffieHellman>(KeyFile.Hex("private_key"), KeyFile.Hex("public_key"));
        SealingKey = AgentSealingKey.CreateWithKnownKey(Agent, OpenedAt, sealingKey, KeyFile.Bytes("key_id"));

        // The signature has randomness of its own, so the file's is taken; that it verifies is seen when the session opens.
        Offer = SealingKey.Offer(CertificateKey);
        Offer.Signature = ByteString.CopyFrom(KeyFile.Bytes("signature"));

        using var ephemeral = TestKeys.Import<ECDiffieHellman>(SessionFile.Hex("ephemeral_private_key"), SessionFile.Hex("enc"));
        Assert.Equal(OfferFault.None, SealingSessionSender.OpenWithKnownKey(
            Offer, Agent, CertificateKey, OpenedAt, ephemeral, SessionFile.Bytes("session_id"), out var sender));
        Sender = sender!;
        var contentKey = new PinnedSecret(32);
        WrapFile.Bytes("content_key").CopyTo(contentKey.Bytes);
        Attempt = SealedAttempt.SealWithKnownKey(Header, System.Text.Encoding.UTF8.GetBytes(PasswordFile.Text("password")), contentKey);
        for (var used = 0; used < WrapFile.Number("counter"); used++)
        {
            Attempt.WrapFor(Sender, OpenedAt);
        }

        Message = Attempt.For([Sender], OpenedAt, TimeSpan.FromMilliseconds(StreamFile.Number("remaining_ms")))!;
        Assert.Equal(SessionFault.None, SealingKey.TryAccept(Sender.Announcement, OpenedAt, out var receiver));
        Receiver = receiver!;
        Assert.Equal(UnwrapFault.None, Receiver.TryUnwrap(Message, IssuedAt, out var opened));
        Opened = opened!;
        Detail = AnswerDetail.Parser.ParseFrom(AnswerFile.Bytes("detail"));
        Answer = Opened.Answer((uint)AnswerFile.Number("verdict"), Detail);
    }

    public AttemptHeader Header { get; }

    public AgentIdentity Agent { get; }

    public ECDsa CertificateKey { get; }

    public DateTimeOffset OpenedAt { get; }

    public DateTimeOffset IssuedAt => DateTimeOffset.FromUnixTimeMilliseconds(Header.IssuedAtUnixMs);

    public AgentSealingKey SealingKey { get; }

    public SealingKey Offer { get; }

    public SealingSessionSender Sender { get; }

    public SealingSessionReceiver Receiver { get; }

    public SealedAttempt Attempt { get; }

    public Attempt Message { get; }

    public OpenedAttempt Opened { get; }

    public AnswerDetail Detail { get; }

    public Answer Answer { get; }

    public byte[] SignedBytes => SealingLayouts.KeyOffer(Agent, Offer.KeyId.Span, Offer.PublicKey.Span);

    public byte[] SessionInfo =>
        SealingLayouts.SessionInfo(Agent, Offer.KeyId.Span, SessionFile.Bytes("session_id"), OpenedAt.ToUnixTimeMilliseconds());

    public byte[] Export(ReadOnlySpan<byte> label, int size)
    {
        using var receiver = TestKeys.Import<ECDiffieHellman>(KeyFile.Hex("private_key"), KeyFile.Hex("public_key"));
        using var context = HpkeContext.SetupReceiver(HpkeAead.Aes256Gcm, receiver, SessionFile.Bytes("enc"), SessionInfo)!;
        var output = new byte[size];
        context.Export(label, output);
        return output;
    }

    public FromAgent Hello => new()
    {
        Hello = new Hello
        {
            OldestVersion = ProtocolVersions.Oldest,
            NewestVersion = ProtocolVersions.Newest,
            ProgramVersion = "0.1.0",
            Credits = 64,
            SealingKey = Offer,
        },
    };

    public FromGateway Welcome => new()
    {
        Welcome = new Welcome
        {
            Version = ProtocolVersions.Newest,
            GatewayInstance = ByteString.CopyFrom(HeaderFile.Bytes("gateway_instance")),
            HeartbeatMs = 5_000,
            Tenant = Header.Tenant,
            Forests = { Header.Forest },
            LockoutPolicy = new LockoutNumbers { Budget = 5, LockTimeMs = 60_000 },
        },
    };

    public FromAgent LockEnded => new()
    {
        LockEnded = new LockEnded { Forest = Header.Forest, Account = ByteString.CopyFrom(StreamFile.Bytes("account")) },
    };

    public FromAgent ForestSuffixes => new()
    {
        ForestSuffixes = ForestSuffixParts.Split(Header.Forest, 7, [Header.Forest, "CORP"]).Single(),
    };

    public FromGateway FindName => new()
    {
        FindName = new FindName
        {
            SearchId = ByteString.CopyFrom(StreamFile.Bytes("search_id")),
            Forest = Header.Forest,
            UserName = Header.UserName,
            RemainingMs = (uint)StreamFile.Number("remaining_ms"),
        },
    };

    public static FromAgent NameFound => new()
    {
        NameFound = new NameFound
        {
            SearchId = ByteString.CopyFrom(StreamFile.Bytes("search_id")),
            Result = V1.NameFound.Types.Result.Found,
            Account = ByteString.CopyFrom(StreamFile.Bytes("account")),
        },
    };

    public void Dispose()
    {
        Opened.Dispose();
        Attempt.Dispose();
        Receiver.Dispose();
        Sender.Dispose();
        SealingKey.Dispose();
        CertificateKey.Dispose();
    }
}
