using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole.Tests;

/// <summary>A node on a real socket that says what a test wants. The agent's own tests have the real one.</summary>
internal sealed class StubNode : Operator.OperatorBase
{
    public static readonly string Long = string.Join(' ', Enumerable.Repeat("word", 60)) + " `to be copied " + new string('x', 60) + "` end";

    private static readonly OperatorColumn Address = new() { Name = "address", Title = "address" };

    public static readonly PalettesReply Offer = new()
    {
        Caller = "uid 0 (carol)",
        MayOperate = true,
        Node = "agent-1",
        Commands =
        {
            new OperatorCommand { Palette = "cluster", Name = "show", Description = "The members of the cluster." },
            new OperatorCommand { Palette = "cluster", Name = "tail", Description = "What happens in the cluster.", Tails = true },
            new OperatorCommand
            {
                Palette = "account", Name = "unlock", Description = "Ends the locks of an account.", Operates = true,
                Arguments =
                {
                    new OperatorArgument { Name = "account", Description = "A name.", Required = true },
                    new OperatorArgument { Name = "reason", Description = "Why.", Required = true, Switches = { "--reason" } },
                },
            },
            new OperatorCommand
            {
                Palette = "dc", Name = "eject", Description = "Takes a domain controller out.", Operates = true,
                Arguments =
                {
                    new OperatorArgument { Name = "dc", Description = "As dc list has it.", Required = true, Suggestions = { "dc1.corp.example", "dc2.corp.example" } },
                    new OperatorArgument { Name = "for", Description = "How long.", Default = "1h", Switches = { "--for" }, Suggestions = { "10m", "1h" } },
                },
            },
            new OperatorCommand { Palette = "route", Description = "Where a name leads.", Arguments = { new OperatorArgument { Name = "name", Description = "A name.", Required = true } } },
        },
    };

    public static async Task<WebApplication> StartAsync(string socket)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<StubNode>();
        await app.StartAsync();
        return app;
    }

    public override Task<PalettesReply> Palettes(PalettesRequest request, ServerCallContext context) => Task.FromResult(Offer);

    public override async Task Run(RunRequest request, IServerStreamWriter<RunReply> responseStream, ServerCallContext context)
    {
        foreach (var reply in Replies(request, string.Join(' ', request.Words)))
        {
            await responseStream.WriteAsync(reply);
        }

        if (request.Words is ["cluster", "tail"] or ["hang"])
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
    }

    private static IEnumerable<RunReply> Replies(RunRequest request, string line) => line switch
    {
        "cluster show" =>
        [
            Columns(RunReply.Types.Layout.Line, Address, Text("status"), Flag("leader")),
            Row("akka.tcp://passthrough@10.0.0.1:4053", "up", "true"), Row("akka.tcp://passthrough@10.0.0.2:4053", "up", "false"), Done(),
        ],
        "dc list" =>
        [
            Columns(RunReply.Types.Layout.Table, Text("node"), Text("domainController"), Number("milliseconds"), Text("note"), Flag("PDC")),
            Row("agent-1", "dc1.corp.example", "3.5", "", "true"),
            Row("agent-2-with-a-rather-long-name.site.corp.example", "dc2.corp.example", "1200", "a note of many words that has to go on below, since a line has a hundred columns", "false"),
            Done(),
        ],
        "route x" =>
        [
            Columns(RunReply.Types.Layout.Record, Text("name"), Text("route"), Text("empty")),
            Row("x", "corp.example, any domain, because eu.contoso.com is under contoso.com, a UPN suffix (uPNSuffixes in corp.example)", ""), Done(),
        ],
        "evil" => [Columns(RunReply.Types.Layout.Line, Text("name")), Row("\u001b[2Jcleared\u202Eesrever\u0007"), new RunReply { Note = "\u001b]0;title\u0007" }, Done()],
        "cluster tail" =>
        [
            new RunReply { Columns = new RunReply.Types.Columns { Columns_ = { Text("what") }, Layout = RunReply.Types.Layout.Line, Tails = true } },
            Row("leader"),
        ],
        "slow" => [Columns(RunReply.Types.Layout.Line, Text("what")), new RunReply { Progress = "waiting for agent-2" }, Row("done"), Done()],
        "hang" => [Columns(RunReply.Types.Layout.Line, Text("what")), new RunReply { Progress = "waiting for agent-2" }],
        "long" => [Columns(RunReply.Types.Layout.Line, Text("what")), new RunReply { Note = Long }, Done(RunReply.Types.Result.Failed, Long)],
        "refused" => [Done(RunReply.Types.Result.Failed, "it cannot be done")],
        "forbidden" => [Done(RunReply.Types.Result.NotAllowed, "needs the role operate")],
        "who" => [new RunReply { Note = request.Says }, Done()],
        _ => [Done(RunReply.Types.Result.Usage, $"there is no command {line}: try help")],
    };

    private static RunReply Columns(RunReply.Types.Layout layout, params OperatorColumn[] columns) =>
        new() { Columns = new RunReply.Types.Columns { Columns_ = { columns }, Layout = layout } };

    private static RunReply Row(params string[] values) => new() { Row = new RunReply.Types.Row { Values = { values } } };

    private static RunReply Done(RunReply.Types.Result result = RunReply.Types.Result.Ok, string message = "") =>
        new() { Done = new RunReply.Types.Done { Result = result, Message = message } };

    private static OperatorColumn Text(string name) => new() { Name = name, Title = name };

    private static OperatorColumn Number(string name) => new() { Name = name, Title = name, Kind = OperatorColumn.Types.Kind.Number };

    private static OperatorColumn Flag(string name) => new() { Name = name, Title = name, Kind = OperatorColumn.Types.Kind.Flag };
}
