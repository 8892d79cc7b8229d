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
        "Ledger of shard {Shard} could not be recovered; its accounts get no permits until the journal is repaired")]
    public static partial void LedgerNotRecovered(this ILogger log, string shard, Exception reason);

    [LoggerMessage(2212, LogLevel.Error,
        "Ledger of shard {Shard} could not write event {SequenceNumber}; it stops and recovers at the next question")]
    public static partial void LedgerNotWritten(this ILogger log, string shard, long sequenceNumber, Exception cause);

    [LoggerMessage(2213, LogLevel.Warning, "Ledger of shard {Shard} could not save a snapshot; the journal grows until it can")]
    public static partial void SnapshotFailed(this ILogger log, string shard, Exception cause);

    [LoggerMessage(2214, LogLevel.Warning, "Ledger of shard {Shard} could not delete what its snapshot replaces")]
    public static partial void CleaningFailed(this ILogger log, string shard, Exception cause);
}
