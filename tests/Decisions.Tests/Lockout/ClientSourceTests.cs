using System.Net;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class ClientSourceTests
{
    private static readonly Guid Device = Guid.Parse("6f1f3a52-8f1c-4b57-9d1a-2f7f6a0b9c11");

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.0/24")]
    [InlineData("203.0.113.255", "203.0.113.0/24")]
    [InlineData("::ffff:203.0.113.9", "203.0.113.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48")]
    [InlineData("fe80::1%3", "fe80::/48")]
    public void A_network_is_what_a_site_has(string address, string network) =>
        Assert.Equal(network, ClientSource.Of(IPAddress.Parse(address), null).Network.ToString());

    [Fact]
    public void Each_part_has_a_fingerprint_of_its_own()
    {
        var both = ClientSource.Of(IPAddress.Parse("203.0.113.9"), Device);
        Assert.Equal(2, both.Fingerprints().Distinct().Count());
        Assert.Equal<ulong>(both.Fingerprints()[..1], ClientSource.Of(IPAddress.Parse("203.0.113.77"), null).Fingerprints());
        Assert.Equal<ulong>(both.Fingerprints()[1..], ClientSource.Of(null, Device).Fingerprints());
        Assert.Empty(ClientSource.Nowhere.Fingerprints());
    }

    /// <summary>They are in journals, so they never change.</summary>
    [Fact]
    public void Fingerprints_are_frozen() => Assert.Equal<ulong>(
        [0x4C866054AD3850A2UL, 0x7B169CE8613CAD00UL], ClientSource.Of(IPAddress.Parse("203.0.113.9"), Device).Fingerprints());

    [Fact]
    public void The_text_does_not_name_the_device()
    {
        Assert.Equal("203.0.113.0/24 with a device", ClientSource.Of(IPAddress.Parse("203.0.113.9"), Device).ToString());
        Assert.Equal("unknown", ClientSource.Nowhere.ToString());
    }
}
