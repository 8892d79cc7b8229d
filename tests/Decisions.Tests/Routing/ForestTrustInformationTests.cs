using System.Collections.Immutable;
using CsCheck;
using Passthrough.Decisions.Routing;
using static Passthrough.Decisions.Routing.ForestTrustRecord;

namespace Passthrough.Decisions.Tests.Routing;

public sealed class ForestTrustInformationTests
{
    /// <summary>As the lab's domain controllers store it: what corp.example knows of fabrikam.test, and the other way.</summary>
    internal static readonly byte[] OfFabrikam = Convert.FromBase64String(
        "AQAAAAQAAAAeAAAAAAAAAK6AkC/uet0BAA0AAABmYWJyaWthbS50ZXN0IAAAAAAAAAA0DmMw7nrdAQAPAAAAYnJhbmQtYi5leGFtcGxlHwAAAAQAAAA0DmMw7nrdAQAO"
        + "AAAAc2hhcmVkLmV4YW1wbGVGAAAAAAAAAMBR3C3uet0BAhgAAAABBAAAAAAABRUAAADztDbdN99OrgM7OzcNAAAAZmFicmlrYW0udGVzdAgAAABGQUJSSUtBTQ==");

    internal static readonly byte[] OfCorp = Convert.FromBase64String(
        "AQAAAAUAAAAdAAAAAAAAALLVBDDuet0BAAwAAABjb3JwLmV4YW1wbGUgAAAAAAAAAHSxtjDuet0BAQ8AAABzdWIuY29udG9zby5jb20cAAAAAAAAAHSxtjDuet0BAAsA"
        + "AABjb250b3NvLmNvbR8AAAAEAAAAdLG2MO563QEADgAAAHNoYXJlZC5leGFtcGxlQQAAAAAAAACU8/ct7nrdAQIYAAAAAQQAAAAAAAUVAAAAcTniYXnNURojprTADAAA"
        + "AGNvcnAuZXhhbXBsZQQAAABDT1JQ");

    [Fact]
    public void What_a_real_domain_controller_stores_is_read()
    {
        var records = Parse(OfFabrikam);
        Assert.Equal(
            ["fabrikam.test", "brand-b.example", "shared.example"], records.OfType<TopLevelName>().Select(record => record.Name));
        Assert.Equal("in conflict with another forest", Assert.Single(records.OfType<TopLevelName>(), record => !record.IsEnabled).WhyDisabled);
        var domain = Assert.Single(records.OfType<DomainInformation>());
        Assert.Equal(
            ("fabrikam.test", "fabrikam", "S-1-5-21-3711350003-2924404535-926628611"), (domain.DnsName, domain.NetBiosName, domain.Sid));
        Assert.All(records, record => Assert.Equal(2026, record.Since?.Year));
        Assert.Equal("sub.contoso.com", Assert.Single(Parse(OfCorp).OfType<Exclusion>()).Name);
    }

    [Theory]
    [InlineData("", 0, "it ends too early")]
    [InlineData("02000000 00000000", 4, "version 2 is not 1")]
    [InlineData("01000000 01000000", 8, "1 records do not fit")]
    [InlineData("01000000 00000000 00", 8, "it goes on after its last record")]
    [InlineData("01000000 01000000 11000000 00000000 0000000000000000 00 00000000", 25, "not a DNS name")]
    [InlineData("01000000 01000000 12000000 00000000 0000000000000000 00 01000000 FF", 25, "a name that is not UTF-8")]
    [InlineData("01000000 01000000 12000000 00000000 0000000000000000 00 02000000 6161", 29, "a field of 2 bytes")]
    [InlineData("01000000 01000000 13000000 00000000 0000000000000000 00 01000000 61 00", 30, "the record goes on after its data")]
    [InlineData("01000000 01000000 FF000000 00000000 0000000000000000 00 00000000", 12, "a record of 255 bytes")]
    [InlineData("01000000 01000000 1D000000 00000000 0000000000000000 02 04000000 01050000 00000000 00000000", 25, "not a SID")]
    public void What_makes_no_sense_is_refused_with_the_place(string hex, int offset, string what)
    {
        var fault = Fault(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal((offset, what), (fault?.Offset, fault?.What));
    }

    [Fact]
    public void A_kind_that_is_not_known_is_kept()
    {
        var records = Parse(Convert.FromHexString("01000000" + "01000000" + "10000000" + "07000000" + "0000000000000000" + "04" + "0A0B0C"));
        var other = Assert.IsType<Other>(Assert.Single(records));
        Assert.Equal((7u, 4, "0A0B0C"), (other.Flags, other.Kind, Convert.ToHexString(other.Data.AsSpan())));
        Assert.Null(other.Since);
    }

    [Fact]
    public void A_time_is_read_in_either_order_of_its_halves()
    {
        var swapped = OfFabrikam.ToArray();
        OfFabrikam.AsSpan(20, 4).CopyTo(swapped.AsSpan(16));
        OfFabrikam.AsSpan(16, 4).CopyTo(swapped.AsSpan(20));
        Assert.Equal(Parse(OfFabrikam)[0].Since, Parse(swapped)[0].Since);
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        for (var length = 0; length < OfCorp.Length; length++)
        {
            Assert.NotNull(Fault(OfCorp[..length]));
        }
    }

    [Fact]
    public void No_bytes_crash_it()
    {
        Gen.Byte.Array[0, 200].Sample(bytes => Check(bytes), iter: 20_000);
        Gen.Select(Gen.Int[0, OfCorp.Length - 1], Gen.Byte, Gen.Int[0, OfCorp.Length - 1], Gen.Byte).Sample(
            (at, to, at2, to2) =>
            {
                var bytes = OfCorp.ToArray();
                (bytes[at], bytes[at2]) = (to, to2);
                Check(bytes);
            },
            iter: 50_000);

        static void Check(byte[] bytes)
        {
            var read = ForestTrustInformation.TryParse(bytes, out var fault);
            Assert.Equal(read is null, fault is not null);
            Assert.InRange(fault?.Offset ?? 0, 0, bytes.Length);
        }
    }

    internal static ImmutableArray<ForestTrustRecord> Parse(byte[] blob)
    {
        var records = ForestTrustInformation.TryParse(blob, out var fault);
        Assert.Null(fault);
        return records!.Value;
    }

    private static ForestTrustFault? Fault(byte[] blob)
    {
        Assert.Null(ForestTrustInformation.TryParse(blob, out var fault));
        return fault;
    }
}
