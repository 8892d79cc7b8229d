namespace Passthrough.Directories.Ldap;

/// <summary>What the client accepts from a directory. Each is far above what sign-in needs and bounds what a directory gone
/// mad can take: at most <see cref="MaxMessageBytes"/> of buffer and <see cref="MaxEntries"/> entries per search.</summary>
internal static class LdapLimits
{
    /// <summary>One LDAPMessage with its header, in bytes. The buffer grows as bytes come, not as they are announced.</summary>
    public const int MaxMessageBytes = 1 << 20;

    /// <summary>Entries that a search may ask for; more that come are a fault. What Active Directory gives at once (MaxPageSize,
    /// MS-ADTS 3.1.1.3.4.6), so that no search needs pages: a forest has fewer domains and trusts.</summary>
    public const int MaxEntries = 1_000;

    /// <summary>All entries of one search together, in bytes on the wire.</summary>
    public const int MaxSearchBytes = 4 << 20;

    /// <summary>Attributes of one entry.</summary>
    public const int MaxAttributes = 256;

    /// <summary>Values of one attribute. Active Directory gives at most 1,500 at once (MaxValRange, MS-ADTS 3.1.1.3.4.6).</summary>
    public const int MaxValues = 1_500;

    /// <summary>Continuation references in one search (RFC 4511 4.5.3): a directory that does not know how to leave them out
    /// sends one for each domain below, and three more.</summary>
    public const int MaxReferences = MaxEntries + 3;

    /// <summary>Diagnostic text that is kept of a result, in bytes.</summary>
    public const int MaxDiagnosticBytes = 1_024;

    /// <summary>The name of a bind or the base of a search, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 4_096;

    /// <summary>Operations that were given up on one connection, and may still be answered, before it is replaced.</summary>
    public const int MaxAbandoned = 64;
}
