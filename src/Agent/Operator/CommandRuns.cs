using System.Runtime.CompilerServices;
using Passthrough.Decisions.Operator;
using Passthrough.Wire.V1;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator;

/// <summary>Runs a command from its words to its last row: on this node, or on all nodes of the cluster, step by step.</summary>
internal sealed class CommandRuns(NodeCalls nodes, Palettes palettes, OperatorAudit audit, TimeProvider clock)
{
    /// <summary>Between two steps of a command that lasts.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = CommandHandler.Patience + TimeSpan.FromSeconds(1);

    /// <param name="words">As they came from the network.</param>
    public async IAsyncEnumerable<RunReply> RunAsync(
        IReadOnlyList<string> words, OperatorCaller by, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (line, fault) = CommandLine.Parse(palettes.Definitions, words);
        if (line is null)
        {
            yield return Done(RunReply.Types.Result.Usage, fault);
            yield break;
        }

        if (!by.May(line.Command))
        {
            audit.TellRefused(line, by);
            yield return Done(RunReply.Types.Result.NotAllowed, OperatorAudit.NotAllowed(line.Command, by));
            yield break;
        }

        yield return OperatorForm.Columns(line.Command);
        var run = new CommandProgress(line, [.. words], by);
        while (!run.IsDone)
        {
            var asked = run.Next(line.Command.IsForEveryNode ? nodes.Members : [nodes.Self]).ToDictionary(each => nodes.AskAsync(each.Address, each.What, Patience, cancel), each => each.Address);
            while (asked.Count > 0 && !run.IsFound)
            {
                var waited = Task.Delay(ProgressInterval, clock, cancel);
                if (await Task.WhenAny([.. asked.Keys, waited]) is not Task<RanHere?> heard)
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return new RunReply { Progress = $"waiting for {string.Join(", ", asked.Values.Select(address => $"{address.Host}:{address.Port}").Order())}" };
                    continue;
                }

                asked.Remove(heard, out var from);
                foreach (var reply in run.Heard(from!, await heard))
                {
                    yield return reply;
                }
            }

            if (!run.IsDone)
            {
                await Task.Delay(Pause, clock, cancel);
            }
        }

        foreach (var reply in run.Rest())
        {
            yield return reply;
        }
    }

    private static RunReply Done(RunReply.Types.Result result, string message) =>
        new() { Done = new RunReply.Types.Done { Result = result, Message = message } };
}
