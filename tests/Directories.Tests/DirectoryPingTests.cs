using CsCheck;
using Passthrough.Directories.Location;

namespace Passthrough.Directories.Tests;

public sealed class DirectoryPingTests
{
    /// <summary>What dc1 of the lab answers.</summary>
    private static readonly byte[] OfTheLab = Convert.FromBase64String(
        "FwAAAL0RAACaTTLpxV19S7zp5DvwJMx2BGNvcnAHZXhhbXBsZQDAGANkYzHAGARDT1JQAANEQzEAABdEZWZhdWx0LUZpcnN0LVNpdGUtTmFtZQDAOgUAAAD/////");

    [Fact]
    public void A_real_answer_is_read() =>
        Assert.Equal(new DirectoryPing("Default-First-Site-Name", "Default-First-Site-Name"), DirectoryPing.Read(OfTheLab));

    [Fact]
    public void Another_kind_of_answer_is_none()
    {
        var other = OfTheLab.ToArray();
        other[0] = 25;
        Assert.Null(DirectoryPing.Read(other));
        Assert.Null(DirectoryPing.Read([]));
    }

    [Fact]
    public void A_name_that_points_at_itself_ends()
    {
        var loop = OfTheLab.ToArray();
        (loop[24], loop[25]) = (0xC0, 24);
        Assert.Null(DirectoryPing.Read(loop));
    }

    [Fact]
    public void No_bytes_crash_it() => Gen.Select(Gen.Int[0, OfTheLab.Length], Gen.Int[0, OfTheLab.Length - 1], Gen.Byte).Sample(
        (length, at, to) =>
        {
            var bytes = OfTheLab.ToArray();
            bytes[at] = to;
            var read = DirectoryPing.Read(bytes.AsSpan(0, length));
            Assert.True(read is null || read.ClientSite.Length < 400);
        },
        iter: 20_000);
}
