using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole.Tests;

/// <summary>The console against a real socket; the agent behind it says what a test wants.</summary>
public sealed class ConsoleCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pbm-");

    private string SocketPath => Path.Combine(_folder.FullName, "operator.sock");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_shows_the_members_one_a_line()
    {
        await using var node = await StartNodeAsync();
        var (code, output, error) = await RunAsync(SocketPath, "cluster", "show");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            [
                "akka.tcp://passthrough@10.0.0.1:4053 | [agent] | up | reachable | 0.1.0 (leader)",
                "akka.tcp://passthrough@10.0.0.2:4053 | [agent] | up | unreachable | 0.1.0",
            ],
            output.TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public async Task It_prints_json_for_programs()
    {
        await using var node = await StartNodeAsync();
        var (_, output, _) = await RunAsync("cluster", "show", "--json");
        var members = JsonNode.Parse(output)!["members"]!.AsArray();
        Assert.Equal([true, false], members.Select(m => (bool)m!["reachable"]!));
    }

    [Fact]
    public async Task It_unlocks_an_account_and_says_who_asked_and_why()
    {
        await using var node = await StartNodeAsync();
        var (code, output, error) = await RunAsync(SocketPath, "account", "unlock", "anna@corp.example", "--reason", "ticket 4711");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("anna@corp.example is unlocked (anna@corp.example|carol|ticket 4711)", output.TrimEnd());
    }

    [Fact]
    public async Task What_the_agent_refuses_is_told_in_its_words()
    {
        await using var node = await StartNodeAsync();
        var (code, _, error) = await RunAsync("account", "unlock", "nobody@corp.example", "--reason", "x");
        Assert.Equal((ConsoleCommand.Unreachable, "pbm: no forest knows nobody@corp.example"), (code, error.TrimEnd()));
    }

    [Fact]
    public async Task It_tells_where_a_name_leads_in_lines_of_a_hundred_columns()
    {
        await using var node = await StartNodeAsync();
        var (code, output, error) = await RunAsync("route", "anna@eu.contoso.com");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            """
            name           anna@eu.contoso.com
            route          corp.example, any domain, because eu.contoso.com is under contoso.com, a UPN suffix
                           (uPNSuffixes in corp.example)
            asked first    dc2.corp.example: healthy
            then           dc1.corp.example: healthy
            reached by     agent-1, agent-2
            not reached by agent-3
            names          version 1760000000001, read 0.00:03:04 ago from dc1.corp.example
            note           shared.example is claimed by corp.example and fabrikam.test; it routes to neither
            """,
            output.TrimEnd());
    }

    [Fact]
    public async Task It_lists_forests_and_has_one_read_anew()
    {
        await using var node = await StartNodeAsync();
        var (_, list, _) = await RunAsync("forests", "list");
        var paragraphs = list.TrimEnd().Split(Environment.NewLine + Environment.NewLine);
        Assert.Equal(2, paragraphs.Length);
        Assert.Contains("forest         fabrikam.test\nnames          as configured; its directory was not heard yet", paragraphs[1], StringComparison.Ordinal);
        Assert.Contains("\nreached by     no node", paragraphs[1], StringComparison.Ordinal);
        Assert.All(list.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.Contains("suffix-39.example", list, StringComparison.Ordinal);
        var (code, refreshed, _) = await RunAsync("forests", "refresh", "corp.example");
        Assert.Equal((0, paragraphs[0]), (code, refreshed.TrimEnd()));
    }

    [Fact]
    public async Task An_unlock_needs_a_reason()
    {
        var (code, _, error) = await RunAsync("account", "unlock", "anna@corp.example");
        Assert.Equal(ConsoleCommand.Usage, code);
        Assert.Contains("--reason", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_one_line_that_says_what_to_do()
    {
        var (code, _, error) = await RunAsync("cluster", "show");
        Assert.Equal(ConsoleCommand.Unreachable, code);
        Assert.Equal($"pbm: there is no socket {SocketPath}: is the agent running, and is this its OperatorSocket?", error.TrimEnd());
    }

    [Fact]
    public async Task A_socket_that_a_killed_agent_left_behind_is_told_from_a_missing_one()
    {
        using (var left = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            left.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(SocketPath));
            var (code, _, error) = await RunAsync("cluster", "show");
            Assert.Equal(ConsoleCommand.Unreachable, code);
            Assert.Contains("nobody answers", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("cluster", "explode"), InlineData("clutser", "show"), InlineData("cluster", "show", "--loud")]
    public async Task What_is_not_a_command_is_refused(params string[] args)
    {
        var (code, _, error) = await RunAsync(args);
        Assert.Equal(ConsoleCommand.Usage, code);
        Assert.Single(error.TrimEnd().Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("--help"), InlineData("cluster", "--help"), InlineData("account", "unlock", "--help"), InlineData("forests", "--help"), InlineData("route", "--help"), InlineData("version")]
    public async Task It_explains_itself_without_an_agent(params string[] args)
    {
        var (code, output, _) = await RunAsync(args);
        Assert.Equal(0, code);
        Assert.NotEmpty(output);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new ConsoleCommand(SocketPath, "carol", output, error).RunAsync(args);
        return (code, output.ToString(), error.ToString());
    }

    private async Task<WebApplication> StartNodeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(SocketPath, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<TwoMembers>();
        await app.StartAsync();
        return app;
    }

    internal sealed class TwoMembers : Operator.OperatorBase
    {
        public override Task<ClusterShowReply> ClusterShow(ClusterShowRequest request, ServerCallContext context) =>
            Task.FromResult(new ClusterShowReply { Members = { Member(1, true), Member(2, false) } });

        public override Task<AccountUnlockReply> AccountUnlock(AccountUnlockRequest request, ServerCallContext context) =>
            request.Account.StartsWith("nobody", StringComparison.Ordinal)
                ? throw new RpcException(new Status(StatusCode.NotFound, $"no forest knows {request.Account}"))
                : Task.FromResult(new AccountUnlockReply { Account = $"{request.Account}|{request.Operator}|{request.Reason}" });

        public override Task<RouteReply> Route(RouteRequest request, ServerCallContext context) => Task.FromResult(new RouteReply
        {
            Routed = true,
            Explanation = "corp.example, any domain, because eu.contoso.com is under contoso.com, a UPN suffix (uPNSuffixes in corp.example)",
            Forest = Corp,
            Controllers = { "dc2.corp.example: healthy", "dc1.corp.example: healthy" },
            Notes = { "shared.example is claimed by corp.example and fabrikam.test; it routes to neither" },
        });

        public override Task<ForestsListReply> ForestsList(ForestsListRequest request, ServerCallContext context) =>
            Task.FromResult(new ForestsListReply { Forests = { Corp, new ForestState { Name = "fabrikam.test" } } });

        public override Task<ForestsRefreshReply> ForestsRefresh(ForestsRefreshRequest request, ServerCallContext context) =>
            Task.FromResult(new ForestsRefreshReply { Forest = Corp });

        private static ForestState Corp => new()
        {
            Name = "corp.example",
            Version = 1_760_000_000_001,
            AgeMs = 184_000,
            ReadFrom = "dc1.corp.example",
            Domains = { "corp.example (corp)" },
            UpnSuffixes = { Enumerable.Range(0, 40).Select(i => $"suffix-{i}.example") },
            Trusts = { "trust with fabrikam.test, both ways, transitive, everybody may use it, SIDs filtered" },
            ReachedBy = { "agent-1", "agent-2" },
            NotReachedBy = { "agent-3" },
        };

        private static ClusterMember Member(int number, bool isFirst) => new()
        {
            Address = $"akka.tcp://passthrough@10.0.0.{number}:4053",
            Roles = { "agent" },
            Status = "up",
            Reachable = isFirst,
            Leader = isFirst,
            Version = "0.1.0",
        };
    }
}
