using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>What callers asked and were told, what the directory saw, and what the journal's database stored, by one clock.</summary>
internal sealed record History
{
    /// <summary>T: binds with wrong passwords that an account's directory may see between two sign-ins that begin anew. No lock ends
    /// within a history.</summary>
    public required int Budget { get; init; }

    /// <summary>From a request to its answer, the machine's slowness included.</summary>
    public required TimeSpan Deadline { get; init; }

    public ImmutableArray<Request> Requests { get; init; } = [];

    public ImmutableArray<Answer> Answers { get; init; } = [];

    /// <summary>Every simple bind of a person that reached the directory.</summary>
    public ImmutableArray<Bind> Binds { get; init; } = [];

    /// <summary>Every charge, failure and slot that was committed.</summary>
    public ImmutableArray<Stored> Stored { get; init; } = [];

    /// <summary>Sign-ins that forgave what sources that are not familiar had failed. Rare: where somebody signs in from is familiar but
    /// for the first time, and if a node died before that was stored.</summary>
    public ImmutableArray<Cleared> Cleared { get; init; } = [];

    /// <summary>Failures and open charges of each account in the journal at the end, by account; those of a snapshot included, of which
    /// no event tells.</summary>
    public ImmutableDictionary<int, int> Counted { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>When a node may have counted in memory, because the journal was stopped or did not answer it.</summary>
    public ImmutableArray<Span> Outages { get; init; } = [];

    /// <summary>Each time that a node's memory was lost: from when nobody may have reached it any more until its process had
    /// ended.</summary>
    public ImmutableArray<Span> Losses { get; init; } = [];
}

/// <summary>One call of the JSON endpoint.</summary>
/// <param name="IsRight">The password; a wrong one is of this request alone.</param>
internal sealed record Request(int Number, int Account, bool IsRight, DateTimeOffset Asked);

/// <summary>What the caller was told.</summary>
/// <param name="Permit">Of the bind that it tells of.</param>
/// <param name="Agent">Who answered; null: the gateway by itself.</param>
internal sealed record Answer(
    int Request, DateTimeOffset At, Verdict Verdict, string Attempt, ulong? Permit = null, int Dispatches = 1, string? Agent = null);

/// <param name="Result">LDAP's result code, 0 or 49; null: none came.</param>
/// <param name="ResultAt">When the directory said so.</param>
internal sealed record Bind(int Request, DateTimeOffset At, int? Result, DateTimeOffset? ResultAt = null);

/// <summary>A permit that the database knows of.</summary>
/// <param name="Permit">0: a charge that was assumed after a crash.</param>
/// <param name="Sequence">Tells the assumed ones apart.</param>
internal sealed record Stored(int Account, ulong Permit, DateTimeOffset CommittedAt, long Sequence = 0);

/// <param name="CommittedAt">What fails later counts anew.</param>
internal sealed record Cleared(int Account, DateTimeOffset CommittedAt);

internal readonly record struct Span(DateTimeOffset From, DateTimeOffset Until)
{
    public bool Meets(Span other) => From <= other.Until && other.From <= Until;
}
