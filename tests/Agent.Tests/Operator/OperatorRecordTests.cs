using System.Text.Json.Nodes;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Operator;
using Passthrough.Agent.Peers;
using Passthrough.Agent.Tests.Support;
using Passthrough.Audit;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Operator;

/// <summary>Who did what and why is in the audit log, whatever the command; and no name is where erasure does not reach.</summary>
public sealed class OperatorRecordTests : IAsyncLifetime
{
    private const string Name = "anna@corp.example";

    private static readonly string Account = new AccountKey("corp.example", Guid.Parse("0193b8a0-0000-4000-8000-000000000001")).ToString();

    private OperatorRig _first = null!, _second = null!;

    public async Task InitializeAsync()
    {
        _first = await OperatorRig.StartAsync();
        _second = await OperatorRig.StartAsync("agent-2", _first);
        await Await.ThatAsync(
            () => Akka.Cluster.Cluster.Get(_first.Get<Akka.Actor.ActorSystem>()).State.Members.Count(member => member.Status == Akka.Cluster.MemberStatus.Up) == 2, "two members");
    }

    public async Task DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Fact]
    public async Task Every_operate_command_is_recorded_with_who_and_why()
    {
        var other = $"127.0.0.1:{_second.ClusterPort}";
        (string Title, string[] Given, OperatorRig On)[] commands =
        [
            ("account unlock", [Account], _first), ("agents drain", ["agent-2"], _second), ("agents resume", ["agent-2"], _second), ("audit search", [], _first),
            ("cluster down", [other], _first), ("dc eject", ["127.0.0.1:9"], _first), ("dc readmit", ["127.0.0.1:9"], _first),
            ("forests refresh", ["corp.example"], _first), ("log set", ["Information", "--for", "1s"], _first), ("cluster leave", [other], _first),
        ];
        Assert.Equal(
            _first.Get<Palettes>().Definitions.Where(each => each.Role == OperatorRole.Operate).Select(each => each.Title),
            commands.Select(each => each.Title).Order(StringComparer.Ordinal));
        foreach (var (title, given, on) in commands)
        {
            var answer = await _first.RunAsync([.. title.Split(' '), .. given, "--reason", $"ticket of {title}"]);
            var ended = answer.Done.Result == RunReply.Types.Result.Ok ? "done" : "refused: Unavailable";
            var records = await RecordsAsync(on, record => (string?)record["reason"] == $"ticket of {title}", atLeast: 2);
            Assert.Equal(["asked", ended], records.Select(record => (string?)record["result"]));
            Assert.All(records, record => Assert.Matches(@"^uid \d+ \(carol\)$", (string?)record["by"]));
            Assert.All(records, record => Assert.StartsWith(title, (string?)record["what"], StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Who_may_not_is_recorded_with_what_was_said_and_no_name_stays_in_the_programs_log()
    {
        using var reader = OperatorRig.Certificate("dave", mayOperate: false);
        var reason = new string('y', 500);
        var refused = await OperatorRig.RunAsync(_first.Remote(reader), "account", "unlock", Name, "--reason", reason);
        Assert.Equal(RunReply.Types.Result.NotAllowed, refused.Done.Result);
        var record = Assert.Single(await RecordsAsync(_first, each => (string?)each["by"] == "dave", atLeast: 1));
        Assert.Equal(("account unlock", "refused: NotAllowed", reason[..200]), ((string?)record["what"], (string?)record["result"], (string?)record["reason"]));
        Assert.StartsWith("~", (string?)record["account"], StringComparison.Ordinal);

        // No domain controller answers here: the refusal names whom it is about, to the operator alone.
        var unknown = await _first.RunAsync("account", "unlock", Name, "--reason", "ticket 4711");
        Assert.Contains(Name, unknown.Done.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await RecordsAsync(_first, each => (string?)each["reason"] == "ticket 4711", atLeast: 2)).Count);
        var log = _first.Log.Since(0).Items;
        Assert.Contains(log, line => line.Event == 2601 && line.Text.EndsWith("asked for account unlock: refused: Unavailable", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Text.Contains(Name, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task No_agent_revokes_another_and_it_says_who_does()
    {
        _first.Get<PeerRoster>().Accept(
            new PeersReply { Peers = { new Peer { AgentId = "01a20892d5a27588b563327bee27f7d3", Name = "agent-3", ClusterAddress = "10.0.0.3:4053" } } }, Guid.NewGuid());
        foreach (var (agent, id) in new[]
        {
            ("agent-3", "01a20892d5a27588b563327bee27f7d3"), ("10.0.0.3:4053", "01a20892d5a27588b563327bee27f7d3"), ("agent-1", "agent-1"), ("agent-9; reboot", "AGENT-ID"),
        })
        {
            var (result, message) = await _first.RunAsync("agents", "revoke", agent) is var answer ? (answer.Done.Result, answer.Done.Message) : default;
            Assert.Equal(RunReply.Types.Result.Failed, result);
            Assert.Contains("only the gateway revokes an agent: if an agent could, one that is stolen could shut out all others", message, StringComparison.Ordinal);
            Assert.Contains($"passthrough-gateway agent revoke {id} --reason WHY", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }

    /// <summary>They are written within moments.</summary>
    private static async Task<IReadOnlyList<JsonNode>> RecordsAsync(OperatorRig rig, Func<JsonNode, bool> isMeant, int atLeast)
    {
        var options = rig.Get<AgentOptions>();
        using var deadline = new CancellationTokenSource(Await.Patience);
        while (true)
        {
            var all = await new AuditSearch(new AuditPlace(options.StateDirectory, options.Audit), TimeProvider.System)
                .RunAsync(new AuditQuestion(null, null, null, null, TimeProvider.System.GetUtcNow()), AuditSearch.MostShown, TimeSpan.MaxValue, deadline.Token);
            var found = all.Records.Reverse().Select(record => JsonNode.Parse(record)!).Where(isMeant).ToList();
            if (found.Count >= atLeast)
            {
                return found;
            }

            await Task.Delay(20, deadline.Token);
        }
    }
}
