using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>The operator's console: one command and out, or a prompt. Knows no command of a node by itself.</summary>
/// <param name="operatorName">Who is at the console, for the audit trail.</param>
internal sealed class ConsoleCommand(ConsoleSettings settings, string operatorName, Screen screen, Interrupts interrupts)
{
    /// <summary>Until the first word of an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <returns>See <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(LineSource lines)
    {
        if (settings.Fault is { } wrong)
        {
            screen.Complain($"{wrong}: see pbm --help");
            return ExitCode.Usage;
        }

        if (settings.IsAboutThisProgram)
        {
            screen.Say(settings.Words[0] == "--version"
                ? typeof(ConsoleCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion
                : ConsoleSettings.Help);
            return ExitCode.Done;
        }

        try
        {
            using var channel = OperatorChannel.Open(settings);
            return settings.Words.Count > 0 ? await OneAsync(channel, settings.Words, settings.IsJson, node: null) : await ManyAsync(channel, lines);
        }
        catch (ConsoleFaultException e)
        {
            screen.Complain(e.Message);
            return ExitCode.Unreachable;
        }
        catch (RpcException e)
        {
            screen.Complain(OperatorChannel.Explain(settings, e));
            return ExitCode.Unreachable;
        }
    }

    /// <returns>Of the last line that was not done.</returns>
    private async Task<int> ManyAsync(GrpcChannel channel, LineSource lines)
    {
        var node = await PalettesAsync(channel);
        if (lines.IsTyped)
        {
            screen.Say($"{node.Node}: you are {node.Caller} and may {(node.MayOperate ? "read and operate" : "read")}. Tab completes, help helps, exit ends.");
        }

        var code = ExitCode.Done;
        while (lines.Read($"[{settings.Target}] pbm> ", node) is { } line)
        {
            var words = Words.Of(line);
            if (words is ["exit" or "quit"])
            {
                break;
            }

            if (words.Count > 0)
            {
                var ended = await TryOneAsync(channel, words, node);
                code = ended == ExitCode.Done ? code : ended;
            }
        }

        return code;
    }

    /// <summary>A node that is gone for a moment does not end the prompt.</summary>
    private async Task<int> TryOneAsync(GrpcChannel channel, List<string> words, PalettesReply node)
    {
        try
        {
            var isJson = words.Remove("--json") || settings.IsJson;
            return await OneAsync(channel, words, isJson, node);
        }
        catch (RpcException e)
        {
            screen.Complain(OperatorChannel.Explain(settings, e));
            return ExitCode.Unreachable;
        }
    }

    private async Task<int> OneAsync(GrpcChannel channel, IReadOnlyList<string> words, bool isJson, PalettesReply? node)
    {
        if (words[0] == "help" || words[^1] is "--help" or "-h")
        {
            var about = words.Where(word => word is not ("help" or "--help" or "-h")).ToList();
            var offered = node ?? await PalettesAsync(channel);
            var help = isJson ? HelpText.Json(offered, about) : HelpText.Of(offered, about);
            if (help is null)
            {
                screen.Complain($"there is no command {string.Join(' ', about)}: try help");
                return ExitCode.Usage;
            }

            screen.Say(help);
            return ExitCode.Done;
        }

        var output = new CommandOutput(screen, isJson);
        using var interrupt = interrupts.Begin();
        try
        {
            return await RunAsync(channel, words, output, interrupt.Token);
        }
        catch (RpcException e) when (interrupt.IsCancellationRequested && e.StatusCode == StatusCode.Cancelled)
        {
            output.Flush();
            return output.IsTail ? ExitCode.Done : ExitCode.Interrupted;
        }
    }

    private async Task<int> RunAsync(GrpcChannel channel, IReadOnlyList<string> words, CommandOutput output, CancellationToken interrupt)
    {
        using var first = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        first.CancelAfter(Patience);
        var call = new Operator.OperatorClient(channel).Run(
            new RunRequest { Words = { words }, Says = operatorName }, new CallOptions(cancellationToken: first.Token));
        try
        {
            while (await MoveAsync(call.ResponseStream, interrupt))
            {
                first.CancelAfter(Timeout.InfiniteTimeSpan);
                if (call.ResponseStream.Current is { Done: { } done })
                {
                    output.Flush();
                    return End(done);
                }

                output.Take(call.ResponseStream.Current);
            }
        }
        finally
        {
            // Nobody waits for it.
            _ = Task.Run(call.Dispose, CancellationToken.None);
        }

        output.Flush();
        screen.Complain($"the agent at {settings.Target} ended in the middle of its answer");
        return ExitCode.Unreachable;
    }

    private static async Task<bool> MoveAsync(IAsyncStreamReader<RunReply> replies, CancellationToken interrupt)
    {
        try
        {
            return await replies.MoveNext(CancellationToken.None).WaitAsync(interrupt);
        }
        catch (OperationCanceledException)
        {
            // Whoever pressed Ctrl-C has the prompt back at once, whatever the call still does; and not on the thread that cancels it.
            await Task.Yield();
            throw new RpcException(new Status(StatusCode.Cancelled, "interrupted"));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && !interrupt.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "nothing was heard"));
        }
    }

    private int End(RunReply.Types.Done done)
    {
        if (done.Message.Length > 0)
        {
            screen.Complain(done.Message);
        }

        return done.Result switch
        {
            RunReply.Types.Result.Ok => ExitCode.Done,
            RunReply.Types.Result.Usage => ExitCode.Usage,
            RunReply.Types.Result.NotAllowed => ExitCode.NotAllowed,
            _ => ExitCode.Failed,
        };
    }

    private static async Task<PalettesReply> PalettesAsync(GrpcChannel channel) => await new Operator.OperatorClient(channel).PalettesAsync(
        new PalettesRequest(), new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Patience));
}
