using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Audit;

/// <summary>What the audit log can say: a closed set. Nothing in it has room for a password, nor for a digest of one.</summary>
/// <param name="At">When it was so, by the clock of the process that says it.</param>
public abstract record AuditEntry(DateTimeOffset At)
{
    /// <summary>One attempt, as one process saw it end.</summary>
    /// <param name="Id">The request id; null: the caller went away before it was told.</param>
    /// <param name="Verdict">Null: there is none; <see cref="Ending"/> says why.</param>
    public sealed record SignIn(DateTimeOffset At, AttemptId? Id, Verdict? Verdict) : AuditEntry(At)
    {
        /// <summary>Why there is no verdict: handed back to the gateway and why, or abandoned by the caller.</summary>
        public string? Ending { get; init; }

        public string? Tenant { get; init; }

        /// <summary>The name as typed, once it led to a tenant: what did not may be a password in the wrong field.</summary>
        public string? Account { get; init; }

        /// <summary>objectGUID of the account that the name led to; null if none is known.</summary>
        public Guid? ObjectGuid { get; init; }

        /// <summary>The network (/24, /48) that the person was in; null if nobody said.</summary>
        public string? Source { get; init; }

        /// <summary>The page, or the API key by its id.</summary>
        public string? Via { get; init; }

        public string? Agent { get; init; }

        public string? AgentName { get; init; }

        public string? Forest { get; init; }

        public string? DomainController { get; init; }

        /// <summary>The rule that chose forest and domain.</summary>
        public string? Route { get; init; }

        /// <summary>The permit under which a bind was sent; 0: none was.</summary>
        public ulong Permit { get; init; }

        /// <summary>How often it was written to an agent; 0 on an agent.</summary>
        public int Dispatches { get; init; }

        public SignInTimes Times { get; init; }
    }

    /// <summary>An administrator or operator has done something, or tried to.</summary>
    /// <param name="By">The user of the operating system.</param>
    /// <param name="What">The command.</param>
    /// <param name="Result">"done", or why not.</param>
    public sealed record Act(DateTimeOffset At, string By, string What, string Result) : AuditEntry(At)
    {
        /// <summary>Whose concern it is, and nobody else's; null: the program's as a whole.</summary>
        public string? Tenant { get; init; }

        public string? Reason { get; init; }

        /// <summary>The account it was done to.</summary>
        public string? Account { get; init; }
    }

    /// <summary>The first record of a file: it can be checked by itself from here on.</summary>
    /// <param name="Log">The same in all files of one log.</param>
    /// <param name="After">Hash of the record before it, in the file before.</param>
    public sealed record SegmentBegun(DateTimeOffset At, Guid Log, string After) : AuditEntry(At);

    /// <summary>A program that runs has begun to write.</summary>
    public sealed record RunOpened(DateTimeOffset At, string Program, string Run) : AuditEntry(At);

    /// <summary>And has ended in good order. A run that was opened and not closed was killed.</summary>
    public sealed record RunClosed(DateTimeOffset At, string Run) : AuditEntry(At);

    /// <summary>Records are missing here: they could not be written and there was no more room to keep them.</summary>
    public sealed record Gap(DateTimeOffset At, long Lost, DateTimeOffset Since, string Why) : AuditEntry(At);

    /// <summary>What a writer found at the end of a file and did not write itself.</summary>
    /// <param name="What">"torn": the bytes were cut off; "damaged": they were left as they are, and the log goes on in a new file.</param>
    /// <param name="Offset">Where in the file.</param>
    /// <param name="Digest">SHA-256 of those bytes.</param>
    public sealed record Repaired(DateTimeOffset At, string What, string File, long Offset, long Bytes, string Digest) : AuditEntry(At);

    /// <summary>Files were deleted because their time was over. The log begins after them now.</summary>
    /// <param name="UpTo">The last record that is gone.</param>
    public sealed record Retired(DateTimeOffset At, AuditHead UpTo, int Files, string Signature) : AuditEntry(At);

    /// <summary>A signature over everything before it.</summary>
    /// <param name="Of">The record before it.</param>
    /// <param name="Key">Which key: <see cref="AuditSignature.NameOf"/>.</param>
    public sealed record Head(DateTimeOffset At, AuditHead Of, string Key, string Signature) : AuditEntry(At);
}

/// <summary>Microseconds. Zero: not done, or not known here.</summary>
/// <param name="Agent">The agent's whole.</param>
/// <param name="Total">The whole of who writes the record.</param>
public readonly record struct SignInTimes(uint Queue, uint Lookup, uint Permit, uint Unseal, uint Bind, uint Agent, long Total);
