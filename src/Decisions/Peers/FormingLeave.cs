using System.Collections.Immutable;

namespace Passthrough.Decisions.Peers;

/// <summary>What an agent asks with, at its start and then every <see cref="FormingLeave.AskInterval"/>.</summary>
/// <param name="Journal">Which journal it counts in: agents with one journal are to be one cluster.</param>
/// <param name="Members">Nodes of the cluster that it is a member of, itself included; 0: of none.</param>
/// <param name="WantsToForm">It asks for leave to form a cluster; false if it is in one, or has a list of its own to join by.</param>
public readonly record struct PeerQuestion(string Agent, Guid Journal, uint Members, bool WantsToForm);

/// <summary>What was heard of an agent last.</summary>
/// <param name="GrantedAt">When it was given leave; null if it was not, or has become a member since.</param>
public sealed record PeerReport(DateTimeOffset At, Guid Journal, uint Members, DateTimeOffset? GrantedAt);

/// <summary>What the gateway, all its instances together, knows of the agents of one tenant.</summary>
/// <param name="StartedAt">Since when it has been there to be asked, without a gap.</param>
public sealed record PeerBook(DateTimeOffset StartedAt, ImmutableDictionary<string, PeerReport> Reports)
{
    /// <summary>Of a gateway that starts now, and knows of nothing.</summary>
    public static PeerBook StartedNow(DateTimeOffset now) => new(now, ImmutableDictionary<string, PeerReport>.Empty);
}

/// <summary>Who may form a cluster. Two clusters of one tenant would each count for themselves, so a guesser would have the budget
/// twice; all who want to form one therefore ask the gateway, which gives leave to one at a time, and to none while another may be
/// a member. An agent that the gateway does not hear gets no work from it either: what counts is who is heard.</summary>
public static class FormingLeave
{
    /// <summary>How often an agent that is a member asks.</summary>
    public static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(10);

    /// <summary>An agent that was not heard for so long is gone: three questions of its were missed.</summary>
    public static readonly TimeSpan ReportLife = TimeSpan.FromSeconds(35);

    /// <summary>An agent uses a leave within this time of its question and before its next one, or not at all: a gateway that has
    /// started anew knows of no leave, and takes who has asked it for one who has none.</summary>
    public static readonly TimeSpan LeaveLife = TimeSpan.FromSeconds(20);

    /// <summary>Nobody else gets leave for so long: time to use it, and to be heard as a member.</summary>
    public static readonly TimeSpan GrantLife = TimeSpan.FromSeconds(60);

    /// <summary>If no instance of the gateway could be asked for so long, a member's question may be missing that is no sign that it is
    /// gone. Shorter than <see cref="AskInterval"/>, so that a shorter outage costs a member one question at most.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromSeconds(5);

    /// <summary>Since when the gateway has been there to be asked.</summary>
    /// <param name="since">As it was written down; null: never.</param>
    /// <param name="lastSeen">When an instance last wrote down that it is there; null: never.</param>
    public static DateTimeOffset AvailableSince(DateTimeOffset? since, DateTimeOffset? lastSeen, DateTimeOffset now) =>
        since <= now && lastSeen <= now && now - lastSeen < Gap ? since.Value : now;

    /// <summary>A book that was kept in a database, taken up again: what it says of a time before a gap, or of the future, is not gone
    /// by.</summary>
    /// <param name="since">As of <see cref="AvailableSince"/>.</param>
    public static PeerBook Resume(PeerBook kept, DateTimeOffset since, DateTimeOffset now) =>
        kept.StartedAt < since || kept.Reports.Values.Any(report => report.At > now) ? PeerBook.StartedNow(since) : kept;

    /// <summary>Takes down what the agent says, and answers.</summary>
    /// <param name="enrolled">The agents of the tenant that may be running: those that have ever connected and are not revoked.</param>
    /// <param name="now">By the one clock that the book is kept by.</param>
    public static (PeerBook Book, bool MayForm) Ask(PeerBook book, PeerQuestion question, IEnumerable<string> enrolled, DateTimeOffset now)
    {
        var may = question.WantsToForm
            && enrolled.Where(agent => agent != question.Agent).All(agent => LeavesRoom(book, agent, question.Journal, now));
        var before = book.Reports.GetValueOrDefault(question.Agent)?.GrantedAt;
        var granted = may ? now : question.Members > 0 ? null : before;
        var report = new PeerReport(now, question.Journal, question.Members, granted);
        return (book with { Reports = book.Reports.SetItem(question.Agent, report) }, may);
    }

    /// <summary>It was heard of late.</summary>
    public static bool IsHeard(PeerReport report, DateTimeOffset now) => now - report.At < ReportLife;

    /// <summary>Of whom nothing was heard since the gateway started may be a member that has not asked yet.</summary>
    private static bool LeavesRoom(PeerBook book, string agent, Guid journal, DateTimeOffset now) =>
        !book.Reports.TryGetValue(agent, out var report) ? now - book.StartedAt >= ReportLife
        : report.Journal != journal
            || ((report.Members == 0 || !IsHeard(report, now)) && !(now - report.GrantedAt < GrantLife));
}
