using Microsoft.Extensions.Time.Testing;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit.Tests;

/// <summary>The search in a log of several files, one a day.</summary>
public sealed class AuditSearchTests : IDisposable
{
    private const int Days = 5, EachDay = 6;

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("passthrough-audit-");
    private readonly AuditOptions _options = new() { Pseudonyms = false };
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));

    private AuditPlace Place => new(_state.FullName, _options);

    public void Dispose() => _state.Delete(recursive: true);

    [Theory, InlineData(1), InlineData(4), InlineData(7), InlineData(29), InlineData(30), InlineData(100)]
    public async Task The_newest_come_first_and_going_on_shows_each_once(int limit)
    {
        await WriteAsync();
        var (seen, searches) = await FollowAsync(new AuditQuestion(), limit, TimeSpan.MaxValue);
        Assert.Equal(Enumerable.Range(0, Days * EachDay).Reverse().Select(i => $"user{i}"), seen);
        Assert.Equal((((Days * EachDay) - 1) / limit) + 1, searches);
    }

    [Fact]
    public async Task A_search_that_is_out_of_time_says_how_far_it_came_and_goes_on_there()
    {
        await WriteAsync();
        var first = await FindAsync(new AuditQuestion(Account: "user3"), 100, TimeSpan.Zero);
        Assert.Equal((0, true, _clock.GetUtcNow() - TimeSpan.FromDays(1)), (first.Records.Count, first.IsOutOfTime, first.Back));
        var (seen, searches) = await FollowAsync(new AuditQuestion(Account: "user3"), 100, TimeSpan.Zero);
        Assert.Equal(["user3"], seen);
        Assert.Equal(Days, searches);
    }

    [Fact]
    public async Task Each_question_finds_what_it_asks_and_nothing_that_the_log_says_of_itself()
    {
        await WriteAsync();
        var now = _clock.GetUtcNow();
        Assert.Equal(Days * EachDay, (await FindAsync(new AuditQuestion())).Records.Count);
        Assert.Equal(2 * EachDay, (await FindAsync(new AuditQuestion(Since: now.AddDays(-2)))).Records.Count);
        Assert.Equal(3 * EachDay, (await FindAsync(new AuditQuestion(Until: now.AddDays(-3)))).Records.Count);
        Assert.Equal(Days, (await FindAsync(new AuditQuestion(Tenant: "other"))).Records.Count);
        Assert.Equal(Days * 2, (await FindAsync(new AuditQuestion(Verdict: "BadPassword", Tenant: "acme"))).Records.Count);
        Assert.All((await FindAsync(new AuditQuestion(Tenant: "acme"))).Records, record => Assert.Equal("acme", AuditFields.Text(record, "tenant")));

        // A tenant that is named in another field, or is the beginning of another's name, is not that tenant.
        Assert.Empty((await FindAsync(new AuditQuestion(Tenant: "user1"))).Records);
        Assert.Empty((await FindAsync(new AuditQuestion(Tenant: "acm"))).Records);
        await Assert.ThrowsAsync<AuditFaultException>(() => FindAsync(new AuditQuestion(Verdict: "Nonsense")));
    }

    [Fact]
    public async Task A_name_is_found_under_its_pseudonym_and_a_pseudonym_by_itself()
    {
        _options.Pseudonyms = true;
        await WriteAsync();
        var byName = Assert.Single((await FindAsync(new AuditQuestion(Account: " USER7 "))).Records);
        var pseudonym = AuditFields.Text(byName, "account")!;
        Assert.True(PseudonymTree.IsPseudonym(pseudonym));
        Assert.Equal([pseudonym], await new AuditNames(Place, _clock).ShowAsync(["user7"], default));
        Assert.Equal(byName, Assert.Single((await FindAsync(new AuditQuestion(Account: pseudonym))).Records));
        Assert.Empty((await FindAsync(new AuditQuestion(Account: "nobody"))).Records);
    }

    [Fact]
    public void A_search_is_a_record_of_who_looked_for_what()
    {
        var asked = new AuditQuestion(Id: "0193", Account: " Anna@corp.example ", Verdict: "BadPassword", Tenant: "acme");
        Assert.Equal(
            new AuditEntry.Act(_clock.GetUtcNow(), "ida", "search --id 0193 --verdict BadPassword", "done") { Account = "anna@corp.example", Tenant = "acme" },
            AuditSearch.Act(_clock.GetUtcNow(), "ida", "search", asked));
        const string Pseudonym = "~AAAAAAAAAAAAAAAAAAAAAA";
        Assert.Equal(
            new AuditEntry.Act(_clock.GetUtcNow(), "ida", $"search --account {Pseudonym}", "done"),
            AuditSearch.Act(_clock.GetUtcNow(), "ida", "search", new AuditQuestion(Account: Pseudonym)));
    }

    /// <summary>Every third is a command; the sixth of each day is another tenant's.</summary>
    private async Task WriteAsync()
    {
        using var writer = new ChainWriter(Place, _clock, rotates: true);
        for (var i = 0; i < Days * EachDay; i++)
        {
            var tenant = i % EachDay == EachDay - 1 ? "other" : "acme";
            AuditEntry entry = i % 3 == 0
                ? new AuditEntry.Act(_clock.GetUtcNow(), "root", "agent revoke", "done") { Account = $"user{i}", Tenant = tenant }
                : new AuditEntry.SignIn(_clock.GetUtcNow(), new AttemptId(Guid.CreateVersion7()), i % 3 == 1 ? Verdict.BadPassword : Verdict.Success)
                {
                    Account = $"user{i}",
                    Tenant = tenant,
                };
            await writer.WriteAsync([entry], sign: true, default);
            if (i % EachDay == EachDay - 1)
            {
                _clock.Advance(TimeSpan.FromDays(1));
            }
        }

        Assert.Equal(Days, AuditSegment.List(Place.Folder).Count);
    }

    private Task<AuditFound> FindAsync(AuditQuestion asked, int limit = 1000, TimeSpan? atMost = null) =>
        new AuditSearch(Place, _clock).RunAsync(asked, limit, atMost ?? TimeSpan.MaxValue, default);

    private async Task<(List<string> Seen, int Searches)> FollowAsync(AuditQuestion asked, int limit, TimeSpan atMost)
    {
        var seen = new List<string>();
        for (var searches = 1; ; searches++)
        {
            var found = await FindAsync(asked, limit, atMost);
            seen.AddRange(found.Records.Select(record => AuditFields.Text(record, "account")!));
            if (found.Next is null)
            {
                return (seen, searches);
            }

            asked = asked with { Before = found.Next };
        }
    }
}
