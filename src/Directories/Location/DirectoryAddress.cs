using System.Globalization;

namespace Passthrough.Directories.Location;

/// <summary>Where a domain controller listens.</summary>
/// <param name="Host">DNS name without trailing dot, or an IP address; the certificate must be for it.</param>
public sealed record DirectoryAddress(string Host, int Port)
{
    /// <summary>LDAP over TLS.</summary>
    public const int LdapsPort = 636;

    /// <summary>LDAP without TLS, for a lab.</summary>
    public const int LdapPort = 389;

    private const int GlobalCatalogPort = 3_268, GlobalCatalogTlsPort = 3_269;

    /// <summary>The usual port.</summary>
    public static int PortOf(bool isGlobalCatalog, bool isPlain) =>
        isGlobalCatalog ? (isPlain ? GlobalCatalogPort : GlobalCatalogTlsPort) : isPlain ? LdapPort : LdapsPort;

    /// <summary>Reads <c>host</c>, <c>host:port</c>, or <c>[IPv6]:port</c>; null if it is none of them.</summary>
    public static DirectoryAddress? TryParse(string text, int defaultPort)
    {
        var trimmed = text.Trim();
        var colon = trimmed.LastIndexOf(':');
        var isBareIPv6 = trimmed.IndexOf(':', StringComparison.Ordinal) != colon && !trimmed.StartsWith('[');
        var hasPort = colon >= 0 && !isBareIPv6 && !trimmed.EndsWith(']');
        var host = (hasPort ? trimmed[..colon] : trimmed).TrimStart('[').TrimEnd(']').TrimEnd('.');
        var port = defaultPort;
        return (!hasPort || TryParsePort(trimmed[(colon + 1)..], out port)) && Uri.CheckHostName(host) != UriHostNameType.Unknown
            ? new DirectoryAddress(host, port)
            : null;
    }

    /// <summary>The host, and the port where it is not the usual one: how logs, health and answers name a controller.</summary>
    public override string ToString() =>
        Port == LdapsPort ? Host
        : Host.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65_535;
}
