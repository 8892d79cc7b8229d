using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Events 2200 to 2299.</summary>
internal static partial class LockoutLog
{
    [LoggerMessage(2200, LogLevel.Warning,
        "Account {Account} is locked for {Class} sources until {LockedUntil:u}, by a failure from {Source} at agent {Agent}")]
    public static partial void Locked(
        this ILogger log, AccountKey account, SourceClass @class, DateTimeOffset lockedUntil, ClientSource source, string agent);

    [LoggerMessage(2201, LogLevel.Warning, "Account {Account} was unlocked by {Operator}: {Reason}")]
    public static partial void Unlocked(this ILogger log, AccountKey account, string @operator, string reason);

    [LoggerMessage(2202, LogLevel.Debug,
        "Account {Account} is charged with permit {Permit} for attempt {Attempt} from {Source} ({Class}) at agent {Agent}")]
    public static partial void Charged(
        this ILogger log, AccountKey account, ulong permit, AttemptId attempt, SourceClass @class, ClientSource source, string agent);

    [LoggerMessage(2203, LogLevel.Information,
        "Account {Account} has a failure more: permit {Permit} from {Source} ({Class}) at agent {Agent}")]
    public static partial void Failed(
        this ILogger log, AccountKey account, ulong permit, SourceClass @class, ClientSource source, string agent);

    [LoggerMessage(2204, LogLevel.Information,
        "Account {Account} has its failures from {Class} sources cleared by a sign-in from {Source} at agent {Agent}")]
    public static partial void Cleared(
        this ILogger log, AccountKey account, SourceClass @class, ClientSource source, string agent);

    [LoggerMessage(2205, LogLevel.Debug, "Account {Account} has its failures from {Class} sources forgotten: they are old")]
    public static partial void Forgotten(this ILogger log, AccountKey account, SourceClass @class);

    [LoggerMessage(2206, LogLevel.Debug, "Account {Account} has a familiar source, fingerprint {Fingerprint:x16}")]
    public static partial void SourceRemembered(this ILogger log, AccountKey account, ulong fingerprint);

    [LoggerMessage(2210, LogLevel.Information,
        "Ledger of shard {Shard} serves {Entries} accounts that are not clean, after a crash: {AfterCrash}, recovered in {ElapsedMs:F0} ms")]
    public static partial void LedgerRecovered(this ILogger log, string shard, int entries, bool afterCrash, double elapsedMs);

    [LoggerMessage(2211, LogLevel.Error,
        "Journal down: counting in memory with half the budget ({Why}). People with right passwords sign in; repair the database, {Runbook} says how; do not restart the agent, which would forget what was counted since")]
    public static partial void JournalDown(this ILogger log, string why, string runbook);

    [LoggerMessage(2212, LogLevel.Warning,
        "Journal back after {Seconds:F0} s: {CaughtUp} facts that were counted in memory are stored, {Lost} were lost with ledgers that stopped meanwhile")]
    public static partial void JournalBack(this ILogger log, double seconds, int caughtUp, int lost);

    [LoggerMessage(2215, LogLevel.Error,
        "The journal of shard {Shard} cannot be read: {Why}. The shard's accounts start without what it holds and are counted in memory with half the budget; all other shards are served as ever. {Runbook} says what to do")]
    public static partial void JournalUnreadable(this ILogger log, string shard, string why, string runbook);

    [LoggerMessage(2216, LogLevel.Warning, "Ledger of shard {Shard} stops: another node has opened its journal")]
    public static partial void AnotherLedgerWrites(this ILogger log, string shard);

    [LoggerMessage(2217, LogLevel.Warning,
        "No majority of the cluster has answered this node for {Seconds:F1} s: until one does, every permit is written to the journal before it is granted")]
    public static partial void LeaseOver(this ILogger log, double seconds);

    [LoggerMessage(2218, LogLevel.Information, "A majority of the cluster answers this node again")]
    public static partial void LeaseRenewed(this ILogger log);

    [LoggerMessage(2219, LogLevel.Warning,
        "Accounts do not answer within {Ms:F0} ms: interim permits are asked of the journal's database. A node has died, cannot be reached or is slow; told once a minute")]
    public static partial void AccountsSilent(this ILogger log, double ms);

    [LoggerMessage(2220, LogLevel.Warning,
        "The table of slots cannot be used: {Why}. Nothing of what is held back of the budgets can be granted until it can; told once a minute; {Runbook} says what to do")]
    public static partial void EscrowFailed(this ILogger log, string why, string runbook);

    [LoggerMessage(2213, LogLevel.Warning, "Ledger of shard {Shard} could not save a snapshot; the journal grows until it can")]
    public static partial void SnapshotFailed(this ILogger log, string shard, Exception cause);

    [LoggerMessage(2214, LogLevel.Warning, "Ledger of shard {Shard} could not delete what its snapshot replaces")]
    public static partial void CleaningFailed(this ILogger log, string shard, Exception cause);
}
