using System.Collections.Concurrent;
using Google.Protobuf;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories;
using Passthrough.Wire.V1;
using Result = Passthrough.Wire.V1.NameFound.Types.Result;

namespace Passthrough.Agent.Tests.Connector;

/// <summary>What streams carry of names: the suffixes of the forests to the gateway, its questions for a name to the agent.</summary>
public sealed class NamesOnStreamTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly WorkerRig _worker = new();

    public void Dispose()
    {
        _worker.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task The_suffixes_are_told_at_first_and_when_they_have_changed_in_parts_that_fit()
    {
        var heard = new ConcurrentQueue<ForestSuffixes>();
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent, heartbeatMs: 60_000);
            await foreach (var message in fromAgent.UntilDrainingAsync(context))
            {
                if (message.ForestSuffixes is { } part)
                {
                    heard.Enqueue(part);
                }
            }
        };
        var clock = new SteppedClock();
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Task.FromResult<FromAgent?>(null), time: clock);
        agent.Suffixes = [new SiteSuffixes("corp.example", 1, Enumerable.Range(0, 250).Select(i => $"{i}.corp.example"))];
        await agent.StartAsync();
        await Await.ThatAsync(() => heard.Count == 2, "both parts");
        Assert.Equal([(0u, true, 200), (1u, false, 50)], heard.Select(part => (part.Part, part.More, part.Names.Count)));
        agent.Suffixes = [agent.Suffixes[0], new SiteSuffixes("fabrikam.test", 5, ["fabrikam.test", "FABRIKAM"])];
        await clock.PassAsync(TimeSpan.FromMilliseconds(60_000)); // With the next heartbeat.
        await Await.ThatAsync(() => heard.Count == 3, "the other forest");
        var last = heard.Last();
        Assert.Equal(("fabrikam.test", 5ul, false), (last.Forest, last.Version, last.More));
        Assert.Equal(["fabrikam.test", "FABRIKAM"], last.Names);
    }

    [Fact]
    public async Task A_question_for_a_name_is_answered_from_the_directory()
    {
        (string Forest, string Name, LookupReply? Reply, Result Result)[] cases =
        [
            ("corp.example", "anna@corp.example", null, Result.Found),
            ("corp.example", "anna@corp.example", new LookupReply.NotFound(Verdict.UserNotFoundInForest), Result.NotFound),
            ("corp.example", "anna@corp.example", new LookupReply.NotFound(Verdict.AmbiguousRoute), Result.Several),
            ("corp.example", "anna@corp.example", new LookupReply.NoVerdict(Verdict.NoDomainController), Result.NoVerdict),
            ("corp.example", "anna@fabrikam.test", null, Result.NotFound),
            ("corp.example", "\u0001", null, Result.NotFound),
            ("corp.example", "", null, Result.NotFound),
            ("nowhere.example", "anna@corp.example", null, Result.NoVerdict),
        ];
        foreach (var (forest, name, reply, result) in cases)
        {
            _worker.OnFind = reply is null ? null : _ => Task.FromResult(reply);
            var found = await _worker.Finder.FindAsync(Question(forest, name));
            Assert.Equal((name, result), (name, found.Result));
            Assert.Equal(Question(forest, name).SearchId, found.SearchId);
            Assert.Equal(result == Result.Found ? _worker.Account : Guid.Empty, found.Account.IsEmpty ? Guid.Empty : new Guid(found.Account.Span));
        }

        _worker.OnFind = _ => throw new InvalidOperationException("broken");
        Assert.Equal(Result.NoVerdict, (await _worker.Finder.FindAsync(Question("corp.example", "anna@corp.example"))).Result);
        Assert.DoesNotContain(_worker.Calls, call => !call.StartsWith("find ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gateway_that_asks_for_more_than_it_may_is_told_so_and_the_stream_goes_on()
    {
        const int Credits = 2, Asked = 10;
        var (heard, go) = (new ConcurrentQueue<NameFound>(), new TaskCompletionSource());
        _worker.OnFind = async _ =>
        {
            await go.Task;
            return new LookupReply.NotFound(Verdict.UserNotFoundInForest);
        };
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            for (var i = 0; i < Asked; i++)
            {
                await toAgent.WriteAsync(new FromGateway { FindName = Question("corp.example", "anna@corp.example") });
            }

            await foreach (var message in fromAgent.UntilDrainingAsync(context))
            {
                if (message.NameFound is { } found)
                {
                    heard.Enqueue(found);
                }
            }
        };
        await using var agent = new ConnectorRig(
            _authority, [gateway.StreamAddress], _ => Task.FromResult<FromAgent?>(null), Credits, finder: _worker.Finder);
        await agent.StartAsync();
        await Await.ThatAsync(() => heard.Count == Asked - (2 * Credits), "the rest is refused at once");
        Assert.All(heard, found => Assert.Equal(Result.NoVerdict, found.Result));
        go.SetResult();
        await Await.ThatAsync(() => heard.Count == Asked, "all are answered");
        Assert.Equal(2 * Credits, heard.Count(found => found.Result == Result.NotFound));
    }

    private static FindName Question(string forest, string name) => new()
    {
        SearchId = ByteString.CopyFrom(new byte[16]),
        Forest = forest,
        UserName = name,
        RemainingMs = 5_000,
    };
}
