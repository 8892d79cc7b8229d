using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Events 2200 to 2299.</summary>
internal static partial class LockoutLog
{
    [LoggerMessage(2200, LogLevel.Warning, "Account {Account} is locked until {LockedUntil:u}")]
    public static partial void AccountLocked(this ILogger log, AccountKey account, DateTimeOffset lockedUntil);

    [LoggerMessage(2201, LogLevel.Information, "Account {Account} was unlocked by an operator")]
    public static partial void AccountUnlocked(this ILogger log, AccountKey account);

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

    [LoggerMessage(2213, LogLevel.Warning, "Ledger of shard {Shard} could not save a snapshot; the journal grows until it can")]
    public static partial void SnapshotFailed(this ILogger log, string shard, Exception cause);

    [LoggerMessage(2214, LogLevel.Warning, "Ledger of shard {Shard} could not delete what its snapshot replaces")]
    public static partial void CleaningFailed(this ILogger log, string shard, Exception cause);
}
