using System.Net;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public class LockNoticeTests
{
    private static readonly Guid Phone = new("0f8e7d6c-5b4a-4938-8271-605f4e3d2c1b");
    private static readonly ClientSource Home = ClientSource.Of(IPAddress.Parse("192.0.2.7"), Phone);

    [Theory]
    [InlineData("192.0.2.200", null, 30)]
    [InlineData("198.51.100.1", null, 60)]
    [InlineData(null, "0f8e7d6c-5b4a-4938-8271-605f4e3d2c1b", 30)]
    [InlineData("198.51.100.1", "0f8e7d6c-5b4a-4938-8271-605f4e3d2c1b", 30)]
    [InlineData("198.51.100.1", "11111111-5b4a-4938-8271-605f4e3d2c1b", 60)]
    [InlineData(null, null, 60)]
    public void A_source_is_familiar_by_its_network_or_its_device(string? address, string? device, int seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            Notice(familiar: 30, unfamiliar: 60).LeftFor(
                ClientSource.Of(address is null ? null : IPAddress.Parse(address), device is null ? null : Guid.Parse(device)), TimeSpan.Zero));

    [Theory]
    [InlineData(0, 60, 0, false, true)]
    [InlineData(60, 0, 0, true, false)]
    [InlineData(60, 60, 59_999, true, true)]
    [InlineData(60, 60, 60_000, false, false)]
    [InlineData(60, 120, 60_000, false, true)]
    [InlineData(0, 0, 0, false, false)]
    public void Each_class_is_refused_as_long_as_it_is_locked(
        int familiar, int unfamiliar, int sinceMs, bool refusesFamiliar, bool refusesUnfamiliar)
    {
        var (notice, since) = (Notice(familiar, unfamiliar), TimeSpan.FromMilliseconds(sinceMs));

        Assert.Equal(refusesFamiliar, notice.LeftFor(Home, since) > TimeSpan.Zero);
        Assert.Equal(refusesUnfamiliar, notice.LeftFor(ClientSource.Nowhere, since) > TimeSpan.Zero);
        Assert.Equal((notice.LeftFor(Home, since), notice.LeftFor(ClientSource.Nowhere, since)), notice.Left(since));
    }

    [Theory]
    [InlineData(30, 60, 60)]
    [InlineData(60, 30, 60)]
    [InlineData(0, 0, 0)]
    public void It_is_over_with_the_longer_of_its_locks(int familiar, int unfamiliar, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Notice(familiar, unfamiliar).Longest);

    private static LockNotice Notice(int familiar, int unfamiliar) =>
        new(TimeSpan.FromSeconds(familiar), TimeSpan.FromSeconds(unfamiliar), Home.Fingerprints());
}
