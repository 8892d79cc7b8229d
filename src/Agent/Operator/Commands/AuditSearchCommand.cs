using System.Globalization;
using Passthrough.Agent.Hosting;
using Passthrough.Audit;
using Passthrough.Decisions.Audit;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Searches the logs of all nodes as <c>passthrough-agent audit search</c> does that of one. Needs the role operate, though it
/// changes nothing: the records are people's, and who asked for them, and why, is a record too.</summary>
internal sealed class AuditSearchCommand(AgentOptions options, TimeProvider clock) : OperatorCommand(
    new("audit", "search", OperatorRole.Operate,
        "Records of the audit and sign-in log of each node, the newest that match. That somebody looked is recorded.",
        [
            new("at", "at (UTC)"), new("what", "what"), new("result", "result"), new("account", "account"), new("source", "from"),
            new("by", "by"), new("id", "request id"),
        ])
    {
        Arguments =
        [
            new("account", "A name as it was typed, an objectGUID, or a pseudonym.") { Switches = ["-a", "--account"] },
            new("id", "A request id, as the sign-in page and the API show it.") { Switches = ["--id"] },
            new("verdict", "By its name, as BadPassword.") { Switches = ["--verdict"] },
            new("since", "How far back.") { Switches = ["--since"], Kind = ArgumentKind.Duration, Default = "1h", Least = 1, Most = 366 * 86_400L },
            Last,
        ],
        IsForEveryNode = true,
        SortedBy = "at",
        Shown = Last.Name,
        Layout = RowLayout.Line,
    })
{
    /// <summary>Of one node's search; less than a step may last.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly ArgumentDefinition Last = Tail.Last with { Description = "How many are shown." };

    private readonly AuditSearch _log = new(new AuditPlace(options.StateDirectory, options.Audit), clock);

    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var (line, now) = (call.Line, clock.GetUtcNow());
        var asked = new AuditQuestion(OrNull(line["id"]), OrNull(line["account"]), OrNull(line["verdict"]), now - line.Duration("since"), now);
        try
        {
            // It reads files, and computes.
            var found = await Task.Run(() => _log.RunAsync(asked, (int)line.Number(Last.Name), Longest, deadline), deadline);
            return CommandStep.Of(found.Records.Reverse().Select(Cells)) with { Note = NoteOf(found) };
        }
        catch (AuditFaultException fault)
        {
            throw new OperatorRefusalException(OperatorRefusal.NotFound, fault.Message);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new OperatorRefusalException(OperatorRefusal.Unavailable, $"the log in {options.StateDirectory} cannot be read: {fault.Message}");
        }
    }

    private static string NoteOf(AuditFound found) => found.Next is null ? ""
        : found.IsOutOfTime ? string.Create(
            CultureInfo.InvariantCulture, $"the search ended after {Longest.TotalSeconds} s and looked back to {found.Back:u} only: ask with --since for less")
        : "older records match too: ask with --last for more, or narrow the search";

    private static string[] Cells(byte[] record)
    {
        var row = AuditRow.Of(record);
        return [row.At is { } at ? Plain.Moment(at) : "", row.What, row.Result, row.Account, row.Source, row.By, row.Id];
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
