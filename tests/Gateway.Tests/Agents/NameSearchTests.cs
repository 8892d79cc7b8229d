using Google.Protobuf;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;
using Result = Passthrough.Wire.V1.NameFound.Types.Result;

namespace Passthrough.Gateway.Tests.Agents;

/// <summary>A suffix that leads to several forests: the name is searched in all, the password goes to one or none.</summary>
public sealed class NameSearchTests
{
    private const string Suffix = "shared.example", ThirdForest = "third.example", Name = "anna@" + Suffix;
    private const int AmbiguousName = 3027;
    private static readonly Guid Account = Guid.NewGuid();

    [Fact]
    public async Task The_password_is_sealed_to_the_forest_that_knows_the_name_and_to_no_other()
    {
        await using var gateway = await StartAsync();
        await using var corp = await gateway.AgentAsync("corp");
        await using var fabrikam = await gateway.AgentAsync("fabrikam", 10, TestGateway.OtherForest);
        await using var third = await gateway.AgentAsync("third", 10, ThirdForest);
        ScriptedAgent[] agents = [corp, fabrikam, third];
        foreach (var owner in agents)
        {
            Array.ForEach(agents, agent => agent.OnFind = asked => Say(asked, agent == owner ? Result.Found : Result.NotFound));
            var outcome = await gateway.ValidateAsync(Name);
            Assert.Equal((Verdict.Success, owner.Id), (outcome.Verdict, outcome.AgentId));
            var received = Assert.Single(owner.Attempts);
            Assert.Equal(Name, received.Opened!.Header.UserName);
            Assert.Single(received.Attempt.Wraps);
            Assert.All(agents.Where(agent => agent != owner), other => Assert.Equal(
                UnwrapFault.UnknownSession, other.Keyring.TryUnwrap(received.Attempt, TimeProvider.System.GetUtcNow(), out _)));
            Assert.Equal(Verdict.BadPassword, (await gateway.ValidateAsync(Name, "wrong")).Verdict);
            Array.ForEach(agents, agent => agent.Attempts.Clear());
        }

        Assert.All(agents, agent => Assert.Equal(6, agent.Searches.Count));
        Assert.All(agents.Zip((string[])[TestGateway.Forest, TestGateway.OtherForest, ThirdForest]), pair => Assert.All(
            pair.First.Searches, asked => Assert.Equal((pair.Second, Name), (asked.Forest, asked.UserName))));
    }

    [Fact]
    public async Task A_name_of_nobody_goes_the_way_of_all_others_at_the_first_forest()
    {
        await using var gateway = await StartAsync();
        await using var corp = await gateway.AgentAsync("corp");
        await using var others = await gateway.AgentAsync("others", 10, TestGateway.OtherForest, ThirdForest);
        corp.OnAttempt = received => received.AnswerAsync(Verdict.UserNotFoundInForest);
        Assert.Equal((Verdict.UserNotFoundInForest, corp.Id), await gateway.ValidateAsync(Name) is var o ? (o.Verdict, o.AgentId) : default);
        Assert.Equal((2, 0), (others.Searches.Count, others.Attempts.Count));
    }

    [Fact]
    public async Task A_name_that_two_forests_know_is_refused_without_the_password_at_the_pace_of_a_wrong_one_and_told()
    {
        await using var gateway = await StartAsync();
        await using var corp = await gateway.AgentAsync("corp");
        await using var others = await gateway.AgentAsync("others", 10, TestGateway.OtherForest, ThirdForest);
        corp.OnFind = asked => Say(asked, Result.Found);
        corp.OnAttempt = async received =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(400));
            await received.AnswerAsync(Verdict.BadPassword);
        };
        var wrong = await gateway.ValidateAsync(Name, "wrong");
        Assert.Equal(Verdict.BadPassword, wrong.Verdict);
        corp.Attempts.Clear();

        others.OnFind = asked => Say(asked, asked.Forest == ThirdForest ? Result.Found : Result.NotFound);
        var ambiguous = await gateway.ValidateAsync(Name);
        Assert.Equal((Verdict.AmbiguousRoute, 0), (ambiguous.Verdict, ambiguous.Dispatches));
        Assert.Equal(PublicMeaning.WrongNameOrPassword, ambiguous.Verdict.Row().Public);
        Assert.True(ambiguous.Elapsed >= wrong.Elapsed * 0.99, $"{ambiguous.Elapsed}, a wrong password {wrong.Elapsed}");
        Assert.Empty(corp.Attempts.Concat(others.Attempts));
        var told = Assert.Single(gateway.Log.All, line => line.EventId == AmbiguousName).Text;
        Assert.Contains($"{TestGateway.Forest} {Account:n}, {ThirdForest} {Account:n}", told, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", told, StringComparison.Ordinal);
    }

    [Theory, InlineData(Result.Found), InlineData(Result.NotFound)]
    public async Task While_one_forest_cannot_say_nobody_gets_the_password(Result other)
    {
        await using var gateway = await StartAsync();
        await using var corp = await gateway.AgentAsync("corp");
        await using var others = await gateway.AgentAsync("others", 10, TestGateway.OtherForest);
        corp.OnFind = asked => Say(asked, other);

        // The third forest has no agent at all; then one that reaches no domain controller.
        Assert.Equal(Verdict.NoDomainController, (await gateway.ValidateAsync(Name)).Verdict);
        await using var third = await gateway.AgentAsync("third", 10, ThirdForest);
        third.OnFind = asked => Say(asked, Result.NoVerdict);
        Assert.Equal(Verdict.NoDomainController, (await gateway.ValidateAsync(Name)).Verdict);
        Assert.Equal(PublicMeaning.TryAgainLater, Verdict.NoDomainController.Row().Public);
        Assert.Empty(corp.Attempts.Concat(others.Attempts).Concat(third.Attempts));
        third.OnFind = asked => Say(asked, Result.NotFound);
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync(Name)).Verdict);
    }

    [Fact]
    public async Task A_question_that_one_agent_does_not_answer_is_put_to_another_and_gives_its_credit_back()
    {
        await using var gateway = await StartAsync();
        await using var corp = await gateway.AgentAsync("corp");
        await using var third = await gateway.AgentAsync("third", 10, ThirdForest);
        await using var troubled = await gateway.AgentAsync("troubled", 1, TestGateway.OtherForest);
        corp.OnFind = asked => Say(asked, Result.Found);
        troubled.OnFind = asked => Say(asked, Result.NoVerdict);
        await using var well = await gateway.AgentAsync("well", 1, TestGateway.OtherForest);

        // Which of the two is asked first is drawn.
        for (var i = 0; i < 6 || troubled.Searches.IsEmpty; i++)
        {
            Assert.InRange(i, 0, 500);
            Assert.Equal((Verdict.Success, corp.Id), await gateway.ValidateAsync(Name) is var o ? (o.Verdict, o.AgentId) : default);
        }

        // One that breaks with the question in its hands is another matter than one that was never asked, and both are no answer.
        troubled.OnFind = asked =>
        {
            _ = troubled.Current.DisposeAsync().AsTask();
            return null;
        };
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(Verdict.Success, (await gateway.ValidateAsync(Name)).Verdict);
        }
    }

    [Fact]
    public async Task What_no_search_asked_for_and_what_cannot_be_read_is_no_answer()
    {
        await using var gateway = await StartAsync(o => o.Agents.VerdictTimeout = TimeSpan.FromSeconds(2));
        await using var corp = await gateway.AgentAsync("corp");
        await using var others = await gateway.AgentAsync("others", 10, TestGateway.OtherForest, ThirdForest);
        corp.OnFind = asked => new NameFound { SearchId = asked.SearchId, Result = Result.Found, Account = ByteString.CopyFrom(1, 2, 3) };
        Assert.Equal(Verdict.NoDomainController, (await gateway.ValidateAsync(Name)).Verdict);
        corp.OnFind = _ => new NameFound { SearchId = ByteString.CopyFrom(new byte[16]), Result = Result.Found };
        Assert.Equal(Verdict.NoDomainController, (await gateway.ValidateAsync(Name)).Verdict);
        Assert.Empty(corp.Attempts);
    }

    [Fact]
    public async Task Forests_are_asked_at_once()
    {
        await using var gateway = await StartAsync();
        await using var corp = await gateway.AgentAsync("corp");
        await using var others = await gateway.AgentAsync("others", 10, TestGateway.OtherForest, ThirdForest);
        FindName? first = null;
        corp.OnFind = asked =>
        {
            first = asked;
            return null;
        };
        var validation = gateway.ValidateAsync(Name);
        await Eventually.TrueAsync(() => first is not null && others.Searches.Count == 2, "the others are asked while the first has not answered");
        await corp.Current.SendAsync(new FromAgent { NameFound = Say(first!, Result.Found) });
        Assert.Equal((Verdict.Success, corp.Id), await validation is var o ? (o.Verdict, o.AgentId) : default);
    }

    private static NameFound Say(FindName asked, Result result) => new()
    {
        SearchId = asked.SearchId,
        Result = result,
        Account = result == Result.Found ? ByteString.CopyFrom(Account.ToByteArray()) : ByteString.Empty,
    };

    private static async Task<TestGateway> StartAsync(Action<Passthrough.Gateway.Hosting.GatewayOptions>? change = null) =>
        await TestGateway.StartAsync(
            change, "--suffix", ThirdForest, "--suffix", $"{Suffix}={TestGateway.Forest},{TestGateway.OtherForest},{ThirdForest}");
}
