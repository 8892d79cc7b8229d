using System.Net;
using System.Text;
using CsCheck;
using Passthrough.Wire.Sealing;

namespace Passthrough.Wire.Tests.Sealing;

public class AttemptHeaderTests
{
    private static readonly string[] OddNames = ["é", "josé@corp.example", "王小明@corp.example", "CORP\\anna", " spaced@x ", "a"];

    private static readonly Gen<string> Names =
        Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 1, 40], Gen.Int[0, OddNames.Length - 1].Select(i => OddNames[i]));

    private static readonly Gen<(IPNetwork?, Guid?)> Sources = Gen.Select(Gen.Byte.Array[6], Gen.Guid, Gen.Int[0, 5], (bytes, device, kind) => (
        (kind % 3) switch
        {
            0 => (IPNetwork?)null,
            1 => new IPNetwork(new IPAddress([.. bytes[..3], 0]), 24),
            _ => new IPNetwork(new IPAddress([.. bytes, .. new byte[10]]), 48),
        },
        kind < 3 ? null : (Guid?)device));

    private static readonly Gen<AttemptHeader> Headers = Gen.Select(
        Gen.String[Gen.Char.AlphaNumeric, 1, SealingLimits.MaxTenantBytes],
        Gen.String[Gen.Char.AlphaNumeric, 1, SealingLimits.MaxForestBytes],
        Names, Gen.Long[0, 4_000_000_000_000], Gen.UInt[1, 30_000], Gen.UShort[1, ushort.MaxValue], Gen.Guid, Sources,
        (tenant, forest, user, issued, ttl, number, gateway, source) => new AttemptHeader(
            tenant, forest, Guid.CreateVersion7(Rig.Start), user, issued, ttl, number, gateway, source.Item1, source.Item2));

    [Fact]
    public void Every_header_is_read_as_it_was_written() =>
        Headers.Sample(header =>
        {
            Assert.Equal(UnwrapFault.None, AttemptHeader.Decode(header.Encode(), out var read));
            Assert.Equal(header, read);
        });

    [Fact]
    public void A_header_has_one_encoding_only() =>
        Gen.Select(Headers, Gen.Int[0, 2_000], Gen.Byte).Sample((header, position, value) =>
        {
            var bytes = header.Encode();
            bytes[position % bytes.Length] = value;
            if (AttemptHeader.Decode(bytes, out var read) == UnwrapFault.None)
            {
                Assert.Equal(bytes, read!.Encode());
            }
        });

    [Fact]
    public void The_user_name_stays_exactly_as_typed()
    {
        foreach (var name in (string[])[" Anna@Corp.Example ", "é", "e\u0301", "CORP\\anna", "a@b@c", "\ud83d\ude00@x"])
        {
            var bytes = (Rig.Header() with { UserName = name }).Encode();
            AttemptHeader.Decode(bytes, out var read);
            Assert.Equal(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(read!.UserName));
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(SealingLimits.MaxTenantBytes, true)]
    [InlineData(SealingLimits.MaxTenantBytes + 1, false)]
    [InlineData(0, false)]
    public void A_tenant_has_1_to_64_bytes(int length, bool accepted) =>
        AssertLimit(Rig.Header() with { Tenant = new string('t', length) }, accepted);

    [Theory]
    [InlineData(1, true)]
    [InlineData(SealingLimits.MaxForestBytes, true)]
    [InlineData(SealingLimits.MaxForestBytes + 1, false)]
    [InlineData(0, false)]
    public void A_forest_has_1_to_255_bytes(int length, bool accepted) =>
        AssertLimit(Rig.Header() with { Forest = new string('f', length) }, accepted);

    [Theory]
    [InlineData("a", 1, true)]
    [InlineData("a", SealingLimits.MaxUserNameBytes, true)]
    [InlineData("a", SealingLimits.MaxUserNameBytes + 1, false)]
    [InlineData("a", 0, false)]
    [InlineData("王", SealingLimits.MaxUserNameBytes / 3, true)]
    [InlineData("王", (SealingLimits.MaxUserNameBytes / 3) + 1, false)]
    public void A_user_name_has_1_to_960_bytes(string character, int times, bool accepted) =>
        AssertLimit(Rig.Header() with { UserName = string.Concat(Enumerable.Repeat(character, times)) }, accepted);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(30_000, true)]
    [InlineData(30_001, false)]
    [InlineData(uint.MaxValue, false)]
    public void A_time_to_live_is_1_ms_to_30_s(uint milliseconds, bool accepted) =>
        AssertLimit(Rig.Header() with { TimeToLiveMs = milliseconds }, accepted);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(ushort.MaxValue, true)]
    public void An_attempt_number_starts_at_1(ushort number, bool accepted) =>
        AssertLimit(Rig.Header() with { AttemptNumber = number }, accepted);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(253_402_300_799_999, true)]
    [InlineData(253_402_300_800_000, false)]
    [InlineData(long.MinValue, false)]
    public void Issued_at_is_an_instant_that_exists(long unixMs, bool accepted) =>
        AssertLimit(Rig.Header() with { IssuedAtUnixMs = unixMs }, accepted);

    [Fact]
    public void An_attempt_id_is_a_UUIDv7() => AssertLimit(Rig.Header() with { AttemptId = Guid.NewGuid() }, accepted: false);

    [Theory]
    [InlineData("192.0.2.0/24", true)]
    [InlineData("0.0.0.0/24", true)]
    [InlineData("2001:db8::/48", true)]
    [InlineData("::/48", true)]
    [InlineData("192.0.2.0/25", false)]
    [InlineData("192.0.0.0/16", false)]
    [InlineData("192.0.2.1/32", false)]
    [InlineData("2001:db8::/64", false)]
    [InlineData("2001:db8::/24", false)]
    public void A_network_is_a_24_of_IPv4_or_a_48_of_IPv6(string network, bool accepted)
    {
        var header = Rig.Header() with { Network = IPNetwork.Parse(network) };
        if (!accepted)
        {
            Assert.Throws<InvalidOperationException>(header.Encode);
            return;
        }

        AssertLimit(header, accepted: true);
        AssertLimit(header with { Device = Guid.NewGuid() }, accepted: true);
    }

    [Theory]
    [InlineData(0, 0, UnwrapFault.None)]
    [InlineData(3, 0, UnwrapFault.None)]
    [InlineData(6, 16, UnwrapFault.None)]
    [InlineData(0, 16, UnwrapFault.None)]
    [InlineData(1, 0, UnwrapFault.BadHeader)]
    [InlineData(4, 0, UnwrapFault.BadHeader)]
    [InlineData(16, 0, UnwrapFault.BadHeader)]
    [InlineData(0, 15, UnwrapFault.BadHeader)]
    [InlineData(0, 17, UnwrapFault.BadHeader)]
    [InlineData(3, 255, UnwrapFault.BadHeader)]
    public void A_source_has_the_lengths_that_it_can_have(byte network, byte device, UnwrapFault fault)
    {
        byte[] bytes = [.. Rig.Header().Encode()[..^2], network, .. new byte[network], device, .. new byte[device]];
        Assert.Equal(fault, AttemptHeader.Decode(bytes, out _));
    }

    [Fact]
    public void Text_that_is_not_Unicode_is_neither_written_nor_read()
    {
        AssertLimit(Rig.Header() with { UserName = "a\ud800b" }, accepted: false);

        var bytes = (Rig.Header() with { UserName = "abc" }).Encode();
        bytes[bytes.AsSpan().IndexOf("abc"u8)] = 0xff;
        Assert.Equal(UnwrapFault.BadHeader, AttemptHeader.Decode(bytes, out var read));
        Assert.Null(read);
    }

    [Fact]
    public void A_header_that_is_cut_or_goes_on_is_refused()
    {
        var bytes = Rig.Header().Encode();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(UnwrapFault.BadHeader, AttemptHeader.Decode(bytes.AsSpan(0, length), out _));
        }

        Assert.Equal(UnwrapFault.BadHeader, AttemptHeader.Decode([.. bytes, 0], out _));
        Assert.Equal(UnwrapFault.BadHeader, AttemptHeader.Decode(new byte[SealingLimits.MaxHeaderBytes + 1], out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public void Another_layout_version_is_named_as_such(byte version)
    {
        var bytes = Rig.Header().Encode();
        bytes[0] = version;
        Assert.Equal(UnwrapFault.WrongVersion, AttemptHeader.Decode(bytes, out _));
    }

    [Fact]
    public void The_largest_header_has_the_size_that_is_written_down()
    {
        var largest = Rig.Header() with
        {
            Tenant = new string('t', SealingLimits.MaxTenantBytes),
            Forest = new string('f', SealingLimits.MaxForestBytes),
            UserName = new string('u', SealingLimits.MaxUserNameBytes),
            Network = IPNetwork.Parse("2001:db8::/48"),
            Device = Guid.NewGuid(),
        };
        Assert.Equal(SealingLimits.MaxHeaderBytes, largest.Encode().Length);
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Gen.Byte.Array[0, 1_500].Sample(bytes =>
        {
            AttemptHeader.Decode(bytes, out _);
            if (bytes.Length > 0)
            {
                bytes[0] = AttemptHeader.LayoutVersion;
                AttemptHeader.Decode(bytes, out _);
            }
        });

    [Fact]
    public void Printing_it_shows_no_user_name() =>
        Assert.DoesNotContain("anna", Rig.Header().ToString(), StringComparison.OrdinalIgnoreCase);

    private static void AssertLimit(AttemptHeader header, bool accepted)
    {
        if (accepted)
        {
            Assert.Equal(UnwrapFault.None, AttemptHeader.Decode(header.Encode(), out var read));
            Assert.Equal(header, read);
        }
        else
        {
            Assert.Throws<InvalidOperationException>(header.Encode);
            Assert.Equal(UnwrapFault.BadHeader, AttemptHeader.Decode(EncodeUnchecked(header), out _));
        }
    }

    /// <summary>As a gateway that keeps no limits would write it.</summary>
    private static byte[] EncodeUnchecked(AttemptHeader header)
    {
        var user = Encoding.UTF8.GetBytes(header.UserName);
        var writer = new FieldWriter(new byte[4096]);
        writer.Byte(AttemptHeader.LayoutVersion);
        writer.Byte((byte)header.Tenant.Length);
        writer.Fixed(Encoding.UTF8.GetBytes(header.Tenant));
        writer.Byte((byte)header.Forest.Length);
        writer.Fixed(Encoding.UTF8.GetBytes(header.Forest));
        writer.Id(header.AttemptId);
        // A lone surrogate, which strict UTF-8 cannot write, as the three bytes that a lax writer makes of it.
        user = header.UserName.Contains('\ud800', StringComparison.Ordinal) ? [0x61, 0xed, 0xa0, 0x80, 0x62] : user;
        writer.Long(user);
        writer.UInt64(unchecked((ulong)header.IssuedAtUnixMs));
        writer.UInt32(header.TimeToLiveMs);
        writer.UInt16(header.AttemptNumber);
        writer.Id(header.GatewayInstance);
        writer.UInt16(0);
        return writer.Written.ToArray();
    }
}
