namespace Passthrough.Directories;

/// <summary>One forest and how to reach its directory.</summary>
public sealed class ForestOptions
{
    /// <summary>DNS name of the forest's domain, as <c>corp.example</c>. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>NetBIOS name of the domain, as <c>CORP</c>, until the directory says it (<see cref="ForestDirectory.UseNames"/>);
    /// empty: names that use it are not accepted until then. Up to 15 characters.</summary>
    public string NetBiosName { get; set; } = "";

    /// <summary>UPN suffixes of the forest besides its name and those that its directory tells. Default none.</summary>
    public IList<string> Suffixes { get; } = [];

    /// <summary>Attributes by whose values people may sign in besides their names, as <c>mail</c> or <c>proxyAddresses</c>: of
    /// the form user@suffix, the suffix any that a gateway routes to this forest, the directory's index on them. Default none;
    /// up to 8. What is one person's name and another's alternate ID signs in neither.</summary>
    public IList<string> AlternateIdAttributes { get; } = [];

    /// <summary>The account that looks other accounts up: userPrincipalName or distinguished name. It needs to read, nothing
    /// else. Required.</summary>
    public string ServiceAccount { get; set; } = "";

    /// <summary>A file with the service account's password in UTF-8, mode 0600 or stricter; a newline at its end is not part
    /// of the password. Read again for every new connection, so that the password can be changed under way. Required.</summary>
    public string ServiceAccountPasswordFile { get; set; } = "";

    /// <summary>PEM file of the certificate authorities that issue the domain controllers' certificates; no other is trusted.
    /// Required, unless <see cref="LabOnlyPlainLdap"/>.</summary>
    public string TrustedCaFile { get; set; } = "";

    /// <summary>Domain controllers of the root domain as <c>host</c> or <c>host:port</c> (default port 636). Default none: found in DNS
    /// (SRV <c>_ldap._tcp.dc._msdcs.NAME</c>), by the system's resolvers, anew every five minutes.</summary>
    public IList<string> DomainControllers { get; } = [];

    /// <summary>The Active Directory site whose domain controllers are asked first. Default empty: a domain controller says in which
    /// site this machine is. Without meaning if <see cref="DomainControllers"/> names them.</summary>
    public string Site { get; set; } = "";

    /// <summary>Connections for binds that are kept to each domain controller at most. Each carries one bind at a time.
    /// Default 8; 1 to 256.</summary>
    public int ConnectionsPerDomainController { get; set; } = 8;

    /// <summary>Time to open a connection, TLS included. Default 2 s; 100 ms to 30 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time a domain controller has to answer a bind, if the attempt's own deadline is not sooner. Default 4 s;
    /// 100 ms to 60 s.</summary>
    public TimeSpan BindTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Time a domain controller has to answer a search before another is asked. Default 2 s; 100 ms to 60 s.</summary>
    public TimeSpan SearchTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>LDAP without TLS: passwords cross the network in the clear. For a lab without certificates; default false.</summary>
    public bool LabOnlyPlainLdap { get; set; }
}
