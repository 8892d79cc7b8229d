namespace Passthrough.Directories.Ldap;

/// <summary>Why an LDAP operation brought no answer.</summary>
internal enum LdapFault
{
    /// <summary>No TCP connection: refused, no route, the name does not resolve.</summary>
    Unreachable,

    /// <summary>TLS failed: no TLS there, a certificate of another CA, another host's, expired or not yet valid.</summary>
    TlsFailed,

    /// <summary>The deadline passed.</summary>
    TimedOut,

    /// <summary>The connection ended: closed, reset, or given up after an earlier fault.</summary>
    ConnectionLost,

    /// <summary>What came is not LDAP, breaks its rules (RFC 4511), or is larger than <see cref="LdapLimits"/> allows.</summary>
    Malformed,
}

/// <summary>An LDAP operation ended without an answer. The only exception that the client raises of its own accord.</summary>
internal sealed class LdapException(LdapFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public LdapFault Fault => fault;

    /// <summary>The request, or a part of it, may have left this process: the directory may have acted on it.</summary>
    public bool MayHaveBeenSent { get; init; }
}
