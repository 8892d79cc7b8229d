using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;

namespace Passthrough.Directories;

/// <summary>An account as the directory knows it, whatever was typed to name it.</summary>
/// <param name="ObjectGuid">Its identity: survives renaming and moving.</param>
/// <param name="BindName">Its distinguished name: the one name that no other account can take. An implicit UPN could be
/// another account's explicit one, and what was typed may mean to the directory another account than it meant here.</param>
/// <param name="FoundAt">The controller that has just answered for it: the next bind goes there if it is still well, since
/// what answered a moment ago will not swallow a password.</param>
/// <param name="PasswordSetAt">Its pwdLastSet (MS-ADA3 2.175) as the directory has it, in 100 ns since 1601: another value means
/// another password. 0: it must be changed, or the service account may not read when it was.</param>
public sealed record DirectoryAccount(Guid ObjectGuid, string BindName, string FoundAt, long PasswordSetAt)
{
    /// <summary>DNS name of the domain whose controllers check its password; empty: the forest's root.</summary>
    public string Domain { get; init; } = "";

    /// <summary>What <see cref="RememberedAccounts"/> has it filed under; null: the directory has just answered.</summary>
    internal string? RememberedAs { get; init; }
}

/// <summary>What came of looking a name up.</summary>
public abstract record LookupReply
{
    private LookupReply()
    {
    }

    /// <param name="Route">The rule by which the name led to this forest: <c>dns-name</c>, <c>upn-suffix</c>,
    /// <c>netbios-name</c>, <c>bare-name</c> or, for a suffix that is none of the forest's, <c>alternate-id</c>.</param>
    public sealed record Found(DirectoryAccount Account, string Route) : LookupReply;

    /// <summary>The name leads to no account, for certain.</summary>
    /// <param name="Why">UserNotFoundInForest, AmbiguousRoute (more than one account answers to the name: an administrator
    /// must say which), NoRouteForSuffix or InvalidUsernameFormat.</param>
    public sealed record NotFound(Verdict Why) : LookupReply;

    /// <summary>The directory could not say.</summary>
    /// <param name="Why">NoDomainController, DirectoryTimeout, DirectoryBusy, DirectoryRefused or TlsFailure.</param>
    public sealed record NoVerdict(Verdict Why) : LookupReply;
}

/// <summary>What came of asking for a forest's names.</summary>
/// <param name="Names">Null if nobody could say.</param>
/// <param name="DomainController">Who said it.</param>
/// <param name="Fault">One line that says why there are none, or null.</param>
public sealed record ForestNamesReply(ForestNames? Names, string DomainController, string? Fault);

/// <summary>A domain controller as an operator sees it.</summary>
/// <param name="IsReady">It answered the last probe, and nothing has failed since.</param>
/// <param name="LatencyMs">About how long it takes to answer, or has now been silent with work in its hands; 0: it has not answered yet.</param>
/// <param name="Outstanding">Work of this node that it has not answered.</param>
/// <param name="EjectedUntil">Null: it is not.</param>
public sealed record ControllerStanding(
    string Name, bool IsReady, double LatencyMs, int Outstanding, int Connections, bool IsInSite, bool IsPdc, bool IsGlobalCatalog,
    DateTimeOffset? EjectedUntil);

/// <summary>What came of one bind.</summary>
/// <param name="DomainController">Who answered, or was asked last; empty if none was reached.</param>
/// <param name="MayHaveBeenSent">Some domain controller may have seen the password, and may have counted it.</param>
/// <param name="Elapsed">From the call to the answer, waiting for a connection included.</param>
public sealed record BindReply(Verdict Verdict, string DomainController, bool MayHaveBeenSent, TimeSpan Elapsed);

/// <summary>What a start-up check of a forest found.</summary>
/// <param name="Fault">One line that says why no sign-in can be checked, or null: at least one controller is ready.</param>
/// <param name="DomainControllers">One line for each controller: its name, and ready or what is wrong.</param>
/// <param name="Kind">Which part of the fault is told apart; of several controllers' faults, the one that is nearest to
/// working.</param>
public sealed record ForestCheck(string? Fault, IReadOnlyList<string> DomainControllers, ForestFaultKind Kind = ForestFaultKind.None);

/// <summary>What hinders a forest's sign-ins, in the order in which a connection meets it.</summary>
public enum ForestFaultKind
{
    None,

    /// <summary>No domain controller is found, or none can be reached.</summary>
    Unreachable,

    /// <summary>TLS to every controller that is reached fails: most often another CA than the one that is trusted.</summary>
    Untrusted,

    /// <summary>The service account cannot bind, or may not read.</summary>
    ServiceAccountRefused,
}
