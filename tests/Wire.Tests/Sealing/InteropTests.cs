using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>Both ways against an implementation that shares no line with this one.</summary>
public sealed class InteropTests(InteropPeer peer) : IClassFixture<InteropPeer>
{
    private const string Info = "4f6465";
    private static readonly string[] Messages = ["", "00", "70617373776f7264"];
    private static readonly string[] Exports = ["", "00", "54657374436f6e74657874"];
    private static readonly JsonObject Agent = new() { ["tenant"] = "contoso", ["agentId"] = "agent-1" };

    [Fact]
    public async Task What_they_seal_by_HPKE_we_open()
    {
        using var key = DhKem.GenerateKey();
        var sealedBy = await AskAsync("hpke seal", new JsonObject
        {
            ["publicKey"] = Convert.ToHexStringLower(DhKem.WritePoint(key)),
            ["info"] = Info,
            ["messages"] = new JsonArray(Messages.Select((text, i) => (JsonNode)new JsonObject
            {
                ["plaintext"] = text,
                ["associatedData"] = $"0{i}",
            }).ToArray()),
            ["exports"] = new JsonArray(Exports.Select(e => (JsonNode)e).ToArray()),
        });

        using var context = HpkeContext.SetupReceiver(HpkeAead.Aes256Gcm, key, Bytes(sealedBy["enc"]), Convert.FromHexString(Info))!;
        using var cipher = context.CreateCipher();
        for (var i = 0; i < Messages.Length; i++)
        {
            var opened = new byte[Messages[i].Length / 2];
            Assert.True(cipher.TryOpen((ulong)i, Bytes(sealedBy["sealed"]![i]), [(byte)i], opened));
            Assert.Equal(Messages[i], Convert.ToHexStringLower(opened));
            Assert.Equal(Export(context, Exports[i]), Bytes(sealedBy["exports"]![i]));
        }
    }

    [Fact]
    public async Task What_we_seal_by_HPKE_they_open()
    {
        var point = Bytes((await AskAsync("hpke key", new JsonObject { ["as"] = "receiver" }))["publicKey"]);
        Assert.True(DhKem.TryReadPoint(point, out var receiver));
        using var ephemeral = DhKem.GenerateKey();
        using var context = HpkeContext.SetupSender(
            HpkeAead.Aes256Gcm, ephemeral, receiver, point, Convert.FromHexString(Info), out var enc);
        using var cipher = context.CreateCipher();
        var sealedTexts = Messages.Select((text, i) =>
        {
            var plaintext = Convert.FromHexString(text);
            var sealedText = new byte[plaintext.Length + CounterCipher.TagSize];
            cipher.Seal((ulong)i, plaintext, [(byte)i], sealedText);
            return (JsonNode)new JsonObject { ["sealed"] = Convert.ToHexStringLower(sealedText), ["associatedData"] = $"0{i}" };
        });

        var opened = await AskAsync("hpke open", new JsonObject
        {
            ["key"] = "receiver",
            ["enc"] = Convert.ToHexStringLower(enc),
            ["info"] = Info,
            ["messages"] = new JsonArray(sealedTexts.ToArray()),
            ["exports"] = new JsonArray(Exports.Select(e => (JsonNode)e).ToArray()),
        });
        for (var i = 0; i < Messages.Length; i++)
        {
            Assert.Equal(Messages[i], (string)opened["opened"]![i]!);
            Assert.Equal(Export(context, Exports[i]), Bytes(opened["exports"]![i]));
        }

        receiver.Dispose();
    }

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("Pässwörd-王-\ud83d\ude00")]
    [InlineData("x")]
    public async Task Our_agent_opens_what_their_gateway_seals_and_they_believe_its_answer(string password)
    {
        using var rig = new Rig();
        var session = await AskAsync("gateway open", new JsonObject
        {
            ["as"] = "session",
            ["agent"] = Agent.DeepClone(),
            ["offer"] = new JsonObject
            {
                ["keyId"] = Hex(rig.Offer.KeyId),
                ["publicKey"] = Hex(rig.Offer.PublicKey),
                ["signature"] = Hex(rig.Offer.Signature),
            },
            ["certificatePublicKey"] = Convert.ToHexStringLower(Point(rig.CertificateKey)),
            ["openedAt"] = Rig.Start.ToUnixTimeMilliseconds(),
        });
        var fault = rig.SealingKey.TryAccept(
            new SealingSession
            {
                SessionId = ByteString.CopyFrom(Bytes(session["sessionId"])),
                KeyId = ByteString.CopyFrom(Bytes(session["keyId"])),
                Enc = ByteString.CopyFrom(Bytes(session["enc"])),
                OpenedAtUnixMs = (long)session["openedAt"]!,
            },
            Rig.Start,
            out var receiver);
        Assert.Equal(SessionFault.None, fault);

        // The third attempt of the session, so that the counter is seen to matter.
        var header = Rig.Header() with { UserName = "Änna@corp.example" };
        JsonNode attempt = null!;
        for (var i = 0; i < 3; i++)
        {
            attempt = await AskAsync("gateway seal", new JsonObject
            {
                ["as"] = "attempt",
                ["sessions"] = new JsonArray("session"),
                ["header"] = Json(header),
                ["password"] = password,
            });
        }

        Assert.Equal(header.Encode(), Bytes(attempt["header"]));
        Assert.Equal(UnwrapFault.None, receiver!.TryUnwrap(ReadAttempt(attempt), Rig.Start, out var opened));
        Assert.Equal(header, opened!.Header);
        Assert.Equal(password, Rig.Password(opened));

        var answer = opened.Answer(2, new AnswerDetail { DomainController = "dc1" });
        Assert.True(await TheyBelieveAsync(answer, "agent-1"));
        Assert.False(await TheyBelieveAsync(answer, "agent-2"));
        Assert.False(await TheyBelieveAsync(new Answer(answer) { Verdict = 1 }, "agent-1"));
        opened.Dispose();
        receiver.Dispose();
    }

    [Theory]
    [InlineData("correct horse battery", 128)]
    [InlineData("Pässwörd-王-\ud83d\ude00", 128)]
    [InlineData("127 bytes or more: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234", 256)]
    public async Task Their_agent_opens_what_our_gateway_seals_and_we_believe_its_answer(string password, int paddedSize)
    {
        var agent = new AgentIdentity("contoso", "agent-1");
        var offer = await AskAsync("agent offer", new JsonObject { ["as"] = "agent", ["agent"] = Agent.DeepClone() });
        var point = Bytes(offer["certificatePublicKey"]);
        using var certificateKey = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..33], Y = point[33..] },
        });
        var offered = new SealingKey
        {
            KeyId = ByteString.CopyFrom(Bytes(offer["keyId"])),
            PublicKey = ByteString.CopyFrom(Bytes(offer["publicKey"])),
            Signature = ByteString.CopyFrom(Bytes(offer["signature"])),
        };
        Assert.Equal(OfferFault.None, SealingSessionSender.TryOpen(offered, agent, certificateKey, Rig.Start, out var sender));
        var announced = sender!.Announcement;
        await AskAsync("agent accept", new JsonObject
        {
            ["as"] = "accepted",
            ["key"] = "agent",
            ["session"] = new JsonObject
            {
                ["sessionId"] = Hex(announced.SessionId),
                ["enc"] = Hex(announced.Enc),
                ["openedAt"] = announced.OpenedAtUnixMs,
            },
        });

        var header = Rig.Header() with { UserName = "Änna@corp.example" };
        using var attempt = Rig.Seal(header, password);
        _ = attempt.WrapFor(sender, Rig.Start);
        var opened = await AskAsync("agent open", new JsonObject
        {
            ["as"] = "opened",
            ["session"] = "accepted",
            ["attempt"] = Json(attempt.For([sender], Rig.Start, TimeSpan.FromSeconds(5))!),
        });
        Assert.Equal(password, (string)opened["password"]!);
        Assert.Equal(paddedSize, (int)opened["paddedSize"]!);
        Assert.Equal(Json(header).ToJsonString(), opened["header"]!.ToJsonString());

        var answered = await AskAsync("agent answer", new JsonObject
        {
            ["attempt"] = "opened",
            ["verdict"] = 2,
            ["detail"] = Hex(new AnswerDetail { DomainController = "dc1" }.ToByteString()),
        });
        var answer = new Answer
        {
            AttemptId = ByteString.CopyFrom(Bytes(answered["attemptId"])),
            AttemptNumber = (uint)answered["attemptNumber"]!,
            Verdict = (uint)answered["verdict"]!,
            Detail = ByteString.CopyFrom(Bytes(answered["detail"])),
            Mac = ByteString.CopyFrom(Bytes(answered["mac"])),
        };
        Assert.Equal(AnswerFault.None, attempt.Verify(answer, "agent-1", out var detail));
        Assert.Equal("dc1", detail!.DomainController);
        Assert.Equal(AnswerFault.Forged, attempt.Verify(new Answer(answer) { Verdict = 1 }, "agent-1", out _));
        sender.Dispose();
    }

    [Fact]
    public async Task They_compute_the_golden_vectors_as_we_do()
    {
        using var vectors = new GoldenVectors();
        var computed = await AskAsync("golden", new JsonObject
        {
            ["agent"] = new JsonObject { ["tenant"] = vectors.Agent.Tenant, ["agentId"] = vectors.Agent.AgentId },
            ["certificatePublicKey"] = GoldenVectors.KeyFile.Hex("certificate_public_key"),
            ["privateKey"] = GoldenVectors.KeyFile.Hex("private_key"),
            ["publicKey"] = GoldenVectors.KeyFile.Hex("public_key"),
            ["keyId"] = GoldenVectors.KeyFile.Hex("key_id"),
            ["signature"] = GoldenVectors.KeyFile.Hex("signature"),
            ["sessionId"] = GoldenVectors.SessionFile.Hex("session_id"),
            ["openedAt"] = GoldenVectors.SessionFile.Number("opened_at_unix_ms"),
            ["enc"] = GoldenVectors.SessionFile.Hex("enc"),
            ["header"] = Json(vectors.Header),
            ["contentKey"] = GoldenVectors.WrapFile.Hex("content_key"),
            ["counter"] = GoldenVectors.WrapFile.Number("counter"),
            ["password"] = GoldenVectors.PasswordFile.Text("password"),
            ["verdict"] = GoldenVectors.AnswerFile.Number("verdict"),
            ["detail"] = GoldenVectors.AnswerFile.Hex("detail"),
        });
        Assert.Equal(13, computed.AsObject().Count);
        foreach (var (name, value) in computed.AsObject())
        {
            var (file, key) = name.Split('.') is [var f, var k] ? (f, k) : default;
            Assert.Equal((name, new GoldenFile(file!).Hex(key!)), (name, (string)value!));
        }
    }

    private static JsonObject Json(AttemptHeader header) => new()
    {
        ["tenant"] = header.Tenant,
        ["forest"] = header.Forest,
        ["attemptId"] = header.AttemptId.ToString("n"),
        ["userName"] = header.UserName,
        ["issuedAt"] = header.IssuedAtUnixMs,
        ["timeToLive"] = header.TimeToLiveMs,
        ["attemptNumber"] = header.AttemptNumber,
        ["gatewayInstance"] = header.GatewayInstance.ToString("n"),
        ["network"] = header.Network is { } network
            ? Convert.ToHexStringLower(network.BaseAddress.GetAddressBytes().AsSpan(0, network.PrefixLength / 8))
            : "",
        ["device"] = header.Device?.ToString("n") ?? "",
    };

    private static JsonObject Json(Attempt attempt) => new()
    {
        ["header"] = Hex(attempt.Header),
        ["sealedPassword"] = Hex(attempt.SealedPassword),
        ["wraps"] = new JsonArray(attempt.Wraps.Select(wrap => (JsonNode)new JsonObject
        {
            ["sessionId"] = Hex(wrap.SessionId),
            ["counter"] = wrap.Counter,
            ["wrappedKey"] = Hex(wrap.WrappedKey),
        }).ToArray()),
    };

    private static Attempt ReadAttempt(JsonNode attempt)
    {
        var message = new Attempt
        {
            Header = ByteString.CopyFrom(Bytes(attempt["header"])),
            SealedPassword = ByteString.CopyFrom(Bytes(attempt["sealedPassword"])),
            RemainingMs = 5_000,
        };
        message.Wraps.AddRange(attempt["wraps"]!.AsArray().Select(wrap => new Wrap
        {
            SessionId = ByteString.CopyFrom(Bytes(wrap!["sessionId"])),
            Counter = (ulong)wrap["counter"]!,
            WrappedKey = ByteString.CopyFrom(Bytes(wrap["wrappedKey"])),
        }));
        return message;
    }

    private static byte[] Export(HpkeContext context, string exporterContext)
    {
        var output = new byte[32];
        context.Export(Convert.FromHexString(exporterContext), output);
        return output;
    }

    private static byte[] Point(ECDsa key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. q.X!, .. q.Y!];
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static byte[] Bytes(JsonNode? hex) => Convert.FromHexString((string)hex!);

    private async Task<bool> TheyBelieveAsync(Answer answer, string agentId) =>
        (bool)(await AskAsync("gateway verify", new JsonObject
        {
            ["attempt"] = "attempt",
            ["agentId"] = agentId,
            ["answer"] = new JsonObject
            {
                ["attemptId"] = Hex(answer.AttemptId),
                ["attemptNumber"] = answer.AttemptNumber,
                ["verdict"] = answer.Verdict,
                ["detail"] = Hex(answer.Detail),
                ["mac"] = Hex(answer.Mac),
            },
        }))["believed"]!;

    private async Task<JsonNode> AskAsync(string command, JsonObject request)
    {
        var reply = await peer.AskAsync(command, request);
        Assert.True(reply["fault"] is null, $"{command}: {reply["fault"]}");
        return reply;
    }
}
