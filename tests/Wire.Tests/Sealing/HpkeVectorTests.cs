using System.Security.Cryptography;
using System.Text;
using Passthrough.Wire.Sealing.Hpke;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>RFC 9180 appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.</summary>
public sealed class HpkeVectorTests : IDisposable
{
    private const string PkEm =
        "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
        + "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4";

    private const string PkRm =
        "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
        + "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0";

    private const string SharedSecret = "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8";
    private static readonly byte[] Info = Encoding.ASCII.GetBytes("Ode on a Grecian Urn");
    private static readonly byte[] Plaintext = Encoding.ASCII.GetBytes("Beauty is truth, truth beauty");

    private readonly ECDiffieHellman _ephemeral =
        TestKeys.Import<ECDiffieHellman>("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb", PkEm);

    private readonly ECDiffieHellman _receiver =
        TestKeys.Import<ECDiffieHellman>("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2", PkRm);

    [Fact]
    public void Both_sides_derive_the_shared_secret()
    {
        var bySender = new byte[DhKem.SharedSecretSize];
        DhKem.Encapsulate(_ephemeral, _receiver, Convert.FromHexString(PkRm), out var encapsulated, bySender);
        var byReceiver = new byte[DhKem.SharedSecretSize];
        Assert.True(DhKem.TryDecapsulate(_receiver, encapsulated, byReceiver));

        Assert.Equal(PkEm, Convert.ToHexStringLower(encapsulated));
        Assert.Equal(SharedSecret, Convert.ToHexStringLower(bySender));
        Assert.Equal(SharedSecret, Convert.ToHexStringLower(byReceiver));
    }

    [Theory]
    [InlineData(0, "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434")]
    [InlineData(1, "fa6f037b47fc21826b610172ca9637e82d6e5801eb31cbd3748271affd4ecb06646e0329cbdf3c3cd655b28e82")]
    [InlineData(2, "895cabfac50ce6c6eb02ffe6c048bf53b7f7be9a91fc559402cbc5b8dcaeb52b2ccc93e466c28fb55fed7a7fec")]
    [InlineData(4, "8787491ee8df99bc99a246c4b3216d3d57ab5076e18fa27133f520703bc70ec999dd36ce042e44f0c3169a6a8f")]
    [InlineData(255, "2ad71c85bf3f45c6eca301426289854b31448bcf8a8ccb1deef3ebd87f60848aa53c538c30a4dac71d619ee2cd")]
    [InlineData(256, "10f179686aa2caec1758c8e554513f16472bd0a11e2a907dde0b212cbe87d74f367f8ffe5e41cd3e9962a6afb2")]
    public void Each_message_is_sealed_and_opened_as_the_vector_says(ulong sequence, string sealedHex)
    {
        using var senderContext = SetupSender();
        using var receiverContext = HpkeContext.SetupReceiver(HpkeAead.Aes128Gcm, _receiver, Convert.FromHexString(PkEm), Info)!;
        using var sender = senderContext.CreateCipher();
        using var receiver = receiverContext.CreateCipher();
        var associatedData = Encoding.ASCII.GetBytes($"Count-{sequence}");

        var sealedText = new byte[Plaintext.Length + CounterCipher.TagSize];
        sender.Seal(sequence, Plaintext, associatedData, sealedText);
        Assert.Equal(sealedHex, Convert.ToHexStringLower(sealedText));

        var opened = new byte[Plaintext.Length];
        Assert.True(receiver.TryOpen(sequence, sealedText, associatedData, opened));
        Assert.Equal(Plaintext, opened);
        Assert.False(receiver.TryOpen(sequence + 1, sealedText, associatedData, opened));
        Assert.All(opened, b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData("", "5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d")]
    [InlineData("00", "6cff87658931bda83dc857e6353efe4987a201b849658d9b047aab4cf216e796")]
    [InlineData("54657374436f6e74657874", "d8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a")]
    public void Each_secret_is_exported_as_the_vector_says(string context, string exported)
    {
        using var sender = SetupSender();
        using var receiver = HpkeContext.SetupReceiver(HpkeAead.Aes128Gcm, _receiver, Convert.FromHexString(PkEm), Info)!;
        foreach (var side in (HpkeContext[])[sender, receiver])
        {
            var output = new byte[32];
            side.Export(Convert.FromHexString(context), output);
            Assert.Equal(exported, Convert.ToHexStringLower(output));
        }
    }

    [Fact]
    public void The_key_schedule_starts_from_the_vectors_shared_secret()
    {
        using var context = new HpkeContext(HpkeAead.Aes128Gcm, Convert.FromHexString(SharedSecret), Info);
        var output = new byte[32];
        context.Export([], output);
        Assert.Equal("5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d", Convert.ToHexStringLower(output));
    }

    [Fact]
    public void Another_aead_or_another_info_gives_other_secrets()
    {
        var secrets = new HashSet<string>();
        foreach (var (aead, info) in new[] { (HpkeAead.Aes128Gcm, "a"), (HpkeAead.Aes256Gcm, "a"), (HpkeAead.Aes256Gcm, "b") })
        {
            using var context = new HpkeContext(aead, Convert.FromHexString(SharedSecret), Encoding.ASCII.GetBytes(info));
            var output = new byte[32];
            context.Export([], output);
            Assert.True(secrets.Add(Convert.ToHexString(output)));
        }
    }

    public void Dispose()
    {
        _ephemeral.Dispose();
        _receiver.Dispose();
    }

    private HpkeContext SetupSender()
    {
        var context = HpkeContext.SetupSender(
            HpkeAead.Aes128Gcm, _ephemeral, _receiver, Convert.FromHexString(PkRm), Info, out var encapsulated);
        Assert.Equal(PkEm, Convert.ToHexStringLower(encapsulated));
        return context;
    }
}
