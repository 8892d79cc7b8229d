namespace Passthrough.Decisions.Lockout;

/// <summary>Which of a node's shards may try to reach the journal: all while it answers, one at a time while it is silent. A server that
/// hangs keeps every connection that was begun, and what it finds in its queue when it thaws would hold up those who still wait.</summary>
/// <param name="IsSilent">The last try was in vain.</param>
/// <param name="Trying">The shard that tries while it is silent; null: none yet.</param>
public readonly record struct JournalTries(bool IsSilent, string? Trying)
{
    /// <summary>The shard asks whether it may try; it keeps the leave until it says how the try went, or that it stops.</summary>
    /// <returns>Whether it may, and what holds from now on.</returns>
    public (bool May, JournalTries Next) Ask(string shard) =>
        !IsSilent ? (true, this) : Trying is null || Trying == shard ? (true, this with { Trying = shard }) : (false, this);

    /// <summary>A shard has read its journal: the way is free for all.</summary>
    public static JournalTries Answered() => default;

    /// <summary>The shard tried in vain: another may.</summary>
    public JournalTries Silent(string shard) => Stopped(shard) with { IsSilent = true };

    /// <summary>The shard does not try any more.</summary>
    public JournalTries Stopped(string shard) => Trying == shard ? this with { Trying = null } : this;
}
