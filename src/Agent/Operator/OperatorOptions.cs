using System.Net;

namespace Passthrough.Agent.Operator;

/// <summary>The port for operators who are not at this machine.</summary>
public sealed class OperatorOptions
{
    /// <summary>The certificate authorities of operators, PEM: a certificate of theirs says who may read and who may operate. Default
    /// none: there is no port, and pbm is used on this machine only. An absolute path.</summary>
    public string TrustedCaFile { get; set; } = "";

    /// <summary>The address that is listened on. Default 127.0.0.1. An IPv4 or IPv6 address.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>TCP port. Default 9110; 1 to 65535, or 0 for one that the system picks.</summary>
    public int Port { get; set; } = 9110;

    /// <summary>Every fault at once; empty if there is none.</summary>
    public IEnumerable<string> Faults()
    {
        if (TrustedCaFile.Length > 0 && !Path.IsPathFullyQualified(TrustedCaFile))
        {
            yield return $"{nameof(TrustedCaFile)} is '{TrustedCaFile}': must be an absolute path";
        }

        if (!IPAddress.TryParse(BindAddress, out _))
        {
            yield return $"{nameof(BindAddress)} is '{BindAddress}': must be an IP address of this machine";
        }

        if (Port is < 0 or > IPEndPoint.MaxPort)
        {
            yield return $"{nameof(Port)} is {Port}: must be 0 to {IPEndPoint.MaxPort}";
        }
    }
}
