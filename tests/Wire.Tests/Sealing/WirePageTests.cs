using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using Google.Protobuf.Reflection;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>docs/WIRE.md says what the code does.</summary>
public class WirePageTests
{
    [Fact]
    public void Every_golden_file_is_shown_as_it_is()
    {
        var page = File.ReadAllText(Path.Combine(WirePage.Root, "docs", "WIRE.md"));
        Assert.Equal(7, GoldenFile.All.Count());
        Assert.All(GoldenFile.All, name =>
            Assert.Contains($"```text\n{GoldenFile.TextOf(name)}```", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_header_is_drawn_as_it_is()
    {
        var file = GoldenVectors.HeaderFile;
        AssertDrawn("Header", file.Bytes("encoded"),
            ("version", [AttemptHeader.LayoutVersion]),
            ("tenant", Utf8(file.Text("tenant"))),
            ("forest", Utf8(file.Text("forest"))),
            ("attempt id", file.Bytes("attempt_id")),
            ("user name", Utf8(file.Text("user_name"))),
            ("issued at", BigEndian(8, file.Number("issued_at_unix_ms"))),
            ("time to live", BigEndian(4, file.Number("time_to_live_ms"))),
            ("attempt number", BigEndian(2, file.Number("attempt_number"))),
            ("gateway instance", file.Bytes("gateway_instance")),
            ("network", IPNetwork.Parse(file.Text("network")).BaseAddress.GetAddressBytes()[..3]),
            ("device", file.Bytes("device")));
    }

    [Fact]
    public void The_signed_bytes_of_an_offer_are_drawn_as_they_are()
    {
        var file = GoldenVectors.KeyFile;
        AssertDrawn("Sealing key", file.Bytes("signed"),
            ("label", SealingLayouts.KeyOfferLabel.ToArray()),
            ("tenant", Utf8(file.Text("tenant"))),
            ("agent id", Utf8(file.Text("agent_id"))),
            ("key id", file.Bytes("key_id")),
            ("public key", file.Bytes("public_key")));
    }

    [Fact]
    public void The_info_of_a_session_is_drawn_as_it_is()
    {
        var (key, session) = (GoldenVectors.KeyFile, GoldenVectors.SessionFile);
        AssertDrawn("Sealing session", session.Bytes("info"),
            ("label", SealingLayouts.SessionLabel.ToArray()),
            ("tenant", Utf8(key.Text("tenant"))),
            ("agent id", Utf8(key.Text("agent_id"))),
            ("key id", key.Bytes("key_id")),
            ("session id", session.Bytes("session_id")),
            ("opened at", BigEndian(8, session.Number("opened_at_unix_ms"))));
    }

    [Fact]
    public void A_padded_password_is_drawn_as_it_is()
    {
        var file = GoldenVectors.PasswordFile;
        var password = Utf8(file.Text("password"));
        AssertDrawn("Sealed password", file.Bytes("padded"), ("password", password), ("zeros", new byte[128 - 2 - password.Length]));
        Assert.Equal(128 + 16, file.Bytes("sealed_password").Length);
    }

    [Fact]
    public void A_wrap_is_drawn_as_it_is()
    {
        var wrapped = GoldenVectors.WrapFile.Bytes("wrapped_key");
        AssertDrawn("Wrap", wrapped, ("wrapped key", wrapped[..32]), ("tag", wrapped[32..]));
    }

    [Fact]
    public void The_authenticated_bytes_of_an_answer_are_drawn_as_they_are()
    {
        var file = GoldenVectors.AnswerFile;
        AssertDrawn("Answer", file.Bytes("authenticated"),
            ("label", SealingLayouts.AnswerLabel.ToArray()),
            ("attempt id", GoldenVectors.HeaderFile.Bytes("attempt_id")),
            ("attempt number", BigEndian(2, GoldenVectors.HeaderFile.Number("attempt_number"))),
            ("agent id", Utf8(GoldenVectors.KeyFile.Text("agent_id"))),
            ("verdict", BigEndian(4, file.Number("verdict"))),
            ("detail", file.Bytes("detail")));
    }

    [Theory]
    [InlineData("Sealing key", nameof(SealingLayouts.KeyOfferLabel))]
    [InlineData("Sealing session", nameof(SealingLayouts.SessionLabel))]
    [InlineData("Sealing session", nameof(SealingLayouts.WrapKeyLabel))]
    [InlineData("Sealing session", nameof(SealingLayouts.WrapNonceLabel))]
    [InlineData("Answer", nameof(SealingLayouts.AnswerKeyLabel))]
    [InlineData("Answer", nameof(SealingLayouts.AnswerLabel))]
    public void Every_label_is_named_where_it_is_used(string heading, string label)
    {
        var text = label switch
        {
            nameof(SealingLayouts.KeyOfferLabel) => SealingLayouts.KeyOfferLabel,
            nameof(SealingLayouts.SessionLabel) => SealingLayouts.SessionLabel,
            nameof(SealingLayouts.WrapKeyLabel) => SealingLayouts.WrapKeyLabel,
            nameof(SealingLayouts.WrapNonceLabel) => SealingLayouts.WrapNonceLabel,
            nameof(SealingLayouts.AnswerKeyLabel) => SealingLayouts.AnswerKeyLabel,
            _ => SealingLayouts.AnswerLabel,
        };
        Assert.Contains($"`{Encoding.UTF8.GetString(text)}`", string.Join('\n', WirePage.Section(heading)), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_limit_is_listed_with_its_value()
    {
        var inCode = typeof(SealingLimits).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (field.Name, Value: field.GetValue(null) switch
            {
                TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s"),
                { } number => string.Create(CultureInfo.InvariantCulture, $"{number}"),
                null => "",
            }));
        var onPage = WirePage.Table("Limits").Select(row => (row[0], row[1].EndsWith(" s", StringComparison.Ordinal) ? row[1] : row[1].Split(' ')[0]));
        Assert.Equal(inCode.Order(), onPage.Order());
        Assert.Contains($"1 to {AgentIdentity.MaxLength} letters", string.Join('\n', WirePage.Section("Limits")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_listed_once() =>
        Assert.Equal(
            Enum.GetNames<UnwrapFault>().Except([nameof(UnwrapFault.None)]).Order(),
            WirePage.Table("What an agent refuses").Select(row => row[0]).Order());

    [Fact]
    public void Every_message_of_the_stream_is_listed_with_its_number()
    {
        var inCode = new MessageDescriptor[] { FromAgent.Descriptor, FromGateway.Descriptor }.SelectMany(message =>
            message.Fields.InFieldNumberOrder().Select(field => (message.Name, field.Name, $"{field.FieldNumber}")));
        Assert.Equal(inCode, WirePage.Table("Messages").Select(row => (row[0], row[1], row[2])));
    }

    [Fact]
    public void The_versions_that_are_spoken_are_named() =>
        Assert.Contains(
            $"This program speaks versions {ProtocolVersions.Oldest} to {ProtocolVersions.Newest}.",
            string.Join('\n', WirePage.Section("Greeting")), StringComparison.Ordinal);

    [Fact]
    public void The_classes_of_password_length_are_named()
    {
        var sizes = PasswordSeal.Sizes.ToArray().Select(size => size.ToString("N0", CultureInfo.InvariantCulture)).ToArray();
        Assert.Contains($"to {sizes[0]}, {sizes[1]} or {sizes[2]} bytes", string.Join('\n', WirePage.Section("Sealed password")), StringComparison.Ordinal);
    }

    private static void AssertDrawn(string heading, byte[] bytes, params (string Name, byte[] Value)[] fields)
    {
        var cut = new Drawing(heading).Cut(bytes);
        Assert.Equal(fields.Select(field => field.Name), cut.Keys);
        Assert.All(fields, field => Assert.Equal((field.Name, Convert.ToHexString(field.Value)), (field.Name, Convert.ToHexString(cut[field.Name]))));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] BigEndian(int size, long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes[(8 - size)..];
    }
}
