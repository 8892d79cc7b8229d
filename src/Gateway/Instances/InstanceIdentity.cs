using System.Security.Cryptography.X509Certificates;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Instances;

/// <summary>What makes a certificate of the private CA one of a gateway instance, and no agent's. Names decide nothing here: an agent
/// may be called like a gateway.</summary>
internal static class InstanceIdentity
{
    public static readonly Uri Uri = new("passthrough-gateway:instance");

    /// <summary>Whether the certificate is to be believed is not looked at here.</summary>
    public static bool IsIn(X509Certificate2? certificate) => certificate is not null && CertificateUris.Of(certificate) is [var only] && only == Uri.OriginalString;
}
