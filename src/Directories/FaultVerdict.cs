using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories;

/// <summary>What a controller's fault means for an attempt.</summary>
internal static class FaultVerdict
{
    public static Verdict Of(LdapException fault) => fault.Fault switch
    {
        LdapFault.TlsFailed => Verdict.TlsFailure,
        LdapFault.TimedOut => Verdict.DirectoryTimeout,
        _ => Verdict.NoDomainController,
    };

    /// <summary>Of several controllers' faults the one that an administrator can do most about is told.</summary>
    public static Verdict Worse(Verdict one, Verdict other)
    {
        ReadOnlySpan<Verdict> order =
            [Verdict.NoDomainController, Verdict.DirectoryTimeout, Verdict.DirectoryBusy, Verdict.TlsFailure];
        return order.IndexOf(one) >= order.IndexOf(other) ? one : other;
    }
}
