using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using CsCheck;
using Passthrough.Wire.Sealing.Hpke;

namespace Passthrough.Wire.Tests.Sealing;

public class PointTests
{
    private static readonly BigInteger Prime =
        BigInteger.Parse("0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", NumberStyles.HexNumber, null);

    [Fact]
    public void A_point_of_the_curve_is_read_as_it_was_written()
    {
        using var key = DhKem.GenerateKey();
        var point = DhKem.WritePoint(key);
        Assert.Equal(DhKem.PointSize, point.Length);
        Assert.True(DhKem.TryReadPoint(point, out var read));
        Assert.Equal(point, DhKem.WritePoint(read));
        read.Dispose();
    }

    [Fact]
    public void Any_changed_bit_makes_it_no_point_of_the_curve()
    {
        using var key = DhKem.GenerateKey();
        var point = DhKem.WritePoint(key);
        for (var bit = 0; bit < point.Length * 8; bit++)
        {
            var changed = point.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(DhKem.TryReadPoint(changed, out _), $"bit {bit}");
        }
    }

    [Fact]
    public void What_is_no_uncompressed_point_is_refused()
    {
        using var key = DhKem.GenerateKey();
        var point = DhKem.WritePoint(key);
        Assert.False(DhKem.TryReadPoint([], out _));
        Assert.False(DhKem.TryReadPoint([0], out _)); // infinity
        Assert.False(DhKem.TryReadPoint(point.AsSpan(0, 64), out _));
        Assert.False(DhKem.TryReadPoint([.. point, 0], out _));
        Assert.False(DhKem.TryReadPoint([2, .. point.AsSpan(1, 32)], out _)); // compressed
        Assert.False(DhKem.TryReadPoint([6, .. point.AsSpan(1)], out _)); // hybrid
        Assert.False(DhKem.TryReadPoint(new byte[65], out _));
        Assert.False(DhKem.TryReadPoint([4, .. new byte[64]], out _)); // (0, 0) is not on the curve
    }

    [Fact]
    public void A_coordinate_that_is_not_reduced_is_refused()
    {
        // x = 5 is on the curve; x + p would be the same point in another writing.
        var x = new BigInteger(5);
        var b = BigInteger.Parse("05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", NumberStyles.HexNumber, null);
        var square = ((x * x * x) - (3 * x) + b) % Prime;
        var y = BigInteger.ModPow(square, (Prime + 1) / 4, Prime);
        Assert.Equal(square, y * y % Prime);
        Assert.True(DhKem.TryReadPoint([4, .. Bytes(x), .. Bytes(y)], out var key));
        key.Dispose();
        Assert.False(DhKem.TryReadPoint([4, .. Bytes(x + Prime), .. Bytes(y)], out _));
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Gen.Byte.Array[0, 80].Sample(
            bytes =>
            {
                if (DhKem.TryReadPoint(bytes, out var key))
                {
                    key.Dispose();
                }

                if (DhKem.TryReadPoint([4, .. bytes.Take(64)], out key))
                {
                    key.Dispose();
                }
            },
            iter: 2_000);

    [Fact]
    public void A_sender_that_gives_no_point_gets_no_context()
    {
        using var key = DhKem.GenerateKey();
        Assert.Null(HpkeContext.SetupReceiver(HpkeAead.Aes256Gcm, key, RandomNumberGenerator.GetBytes(65), []));
    }

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }
}
