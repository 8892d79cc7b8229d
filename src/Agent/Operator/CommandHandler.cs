using Akka.Actor;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator;

/// <summary>Runs one step of one command on this node, for whoever told it to, and is gone. Holds no rule of any command.</summary>
internal sealed class CommandHandler : ReceiveActor
{
    /// <summary>Rows of a step, and characters of all of them, at most: an answer fits one message between nodes.</summary>
    public const int MaxRows = 1_000, MaxCharacters = 48 * 1024;

    /// <summary>A step that lasts longer has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);

    private readonly OperatorParts _parts;

    public CommandHandler(OperatorParts parts)
    {
        _parts = parts;
        Receive<RunHere>(run => RunAsync(run).PipeTo(Self, Sender));
        Receive<RanHere>(ran =>
        {
            Sender.Tell(ran);
            Context.Stop(Self);
        });
    }

    private async Task<RanHere> RunAsync(RunHere run)
    {
        var (line, fault) = CommandLine.Parse(_parts.Palettes.Definitions, run.Words);
        if (line is null)
        {
            return Refused(OperatorRefusal.Malformed, fault);
        }

        if (line.Command.IsForEveryNode && line["node"] is { Length: > 0 } node && !_parts.IsNamed(node))
        {
            return Refused(OperatorRefusal.NotThisNode, "");
        }

        if (!run.By.May(line.Command))
        {
            return Refused(OperatorRefusal.NotAllowed, OperatorAudit.NotAllowed(line.Command, run.By));
        }

        return line.Command.Role == OperatorRole.Read ? await TryAsync(line, run)
            : IsReason(line["reason"]) ? await _parts.Audit.TellAsync(line, run, () => TryAsync(line, run))
            : Refused(OperatorRefusal.Malformed, $"say why with --reason, in {LockoutProtocol.MaxReasonBytes} bytes at most: it is kept in the audit trail");
    }

    private async Task<RanHere> TryAsync(CommandLine line, RunHere run)
    {
        try
        {
            using var deadline = new CancellationTokenSource(Patience, _parts.Clock);
            var step = await _parts.Palettes.Of(line.Command).RunAsync(new CommandCall(line, run.By, run.Cursor), deadline.Token).WaitAsync(deadline.Token);
            return new RanHere(_parts.Name, Bounded(step));
        }
        catch (OperatorRefusalException e)
        {
            return Refused(e.Why, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or AskTimeoutException)
        {
            return Refused(OperatorRefusal.Unavailable, $"{line.Command.Title} was not done within {Patience.TotalSeconds} s: see cluster show and the log");
        }
        catch (Exception e)
        {
            _parts.Log.CommandFailed(e, line.Command.Title);
            return Refused(OperatorRefusal.Unavailable, $"{line.Command.Title} failed in this program: see event 2603 in the log of {_parts.Name}");
        }
    }

    private static CommandStep Bounded(CommandStep step)
    {
        var (kept, characters) = (0, 0);
        while (kept < step.Rows.Length && kept < MaxRows && (characters += step.Rows[kept].Sum(value => value.Length + 4)) <= MaxCharacters)
        {
            kept++;
        }

        var clean = step.Rows.Take(kept).Select(row => row.Select(Plain.Text));
        return kept == step.Rows.Length
            ? CommandStep.Of(clean) with { Cursor = step.Cursor, IsDone = step.IsDone, Progress = Plain.Text(step.Progress), Note = Plain.Text(step.Note) }
            : CommandStep.Of(clean) with { Cursor = step.Cursor, IsDone = step.IsDone, Note = $"{step.Rows.Length - kept} more are not shown" };
    }

    private RanHere Refused(OperatorRefusal why, string message) => new(_parts.Name, CommandStep.Empty, why, Plain.Text(message));

    private static bool IsReason(string reason) =>
        !string.IsNullOrWhiteSpace(reason) && System.Text.Encoding.UTF8.GetByteCount(reason) <= LockoutProtocol.MaxReasonBytes;
}
