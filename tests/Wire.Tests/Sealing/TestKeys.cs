using System.Security.Cryptography;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>Keys with known private halves, for vectors.</summary>
internal static class TestKeys
{
    /// <param name="point">Uncompressed.</param>
    public static T Import<T>(string privateKey, string point)
        where T : ECAlgorithm
    {
        var q = Convert.FromHexString(point);
        var parameters = new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Convert.FromHexString(privateKey),
            Q = new ECPoint { X = q[1..33], Y = q[33..] },
        };
        ECAlgorithm key = typeof(T) == typeof(ECDsa) ? ECDsa.Create(parameters) : ECDiffieHellman.Create(parameters);
        return (T)key;
    }
}
