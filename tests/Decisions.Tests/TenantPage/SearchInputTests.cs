using Passthrough.Decisions.TenantPage;

namespace Passthrough.Decisions.Tests.TenantPage;

/// <summary>What a search asks, by what was typed.</summary>
public class SearchInputTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", "", null, 0)]
    [InlineData("1h", "", 3600, 0)]
    [InlineData(" 1h ", "5m", 3600, 300)]
    [InlineData("7d", "1d", 604800, 86400)]
    [InlineData("", "1d", null, 86400)]
    public void A_time_range_is_reckoned_from_now(string since, string until, int? begins, int ends)
    {
        var asked = (SearchInput.Empty with { Since = since, Until = until }).Read(Now, out var fault);
        Assert.Empty(fault);
        Assert.Equal((begins is { } ago ? Now.AddSeconds(-ago) : null, Now.AddSeconds(-ends)), (asked!.Since, asked.Until));
    }

    [Theory]
    [InlineData("since", "soon", "A time is written as")]
    [InlineData("until", "-1h", "A time is written as")]
    [InlineData("since", "99999d", "A time is written as")]
    [InlineData("until", "1h", "The time range is empty")]
    [InlineData("until", "2h", "The time range is empty")]
    [InlineData("id", "0193a1b2", "A request id has 32 digits")]
    [InlineData("id", "0193a1b2c3d47e5f8a9b0c1d2e3f4a5x", "A request id has 32 digits")]
    [InlineData("verdict", "Nonsense", "There is no such verdict")]
    [InlineData("verdict", "1", "There is no such verdict")]
    [InlineData("at", "soon", "The search cannot go on")]
    [InlineData("at", "99999999999999999", "The search cannot go on")]
    [InlineData("at", "1780315200001", "The search cannot go on")]
    [InlineData("before", "-1", "The search cannot go on")]
    public void What_cannot_be_is_told(string field, string text, string words)
    {
        Assert.Null(With(field, text).Read(Now, out var fault));
        Assert.StartsWith(words, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_its_end()
    {
        Assert.NotNull(With("account", new string('x', SearchInput.MaxAccount)).Read(Now, out _));
        Assert.Null(With("account", new string('x', SearchInput.MaxAccount + 1)).Read(Now, out _));
    }

    [Fact]
    public void What_is_typed_is_asked_and_what_is_not_is_not()
    {
        Assert.Equal(new SearchInput.Asked(null, null, null, Now.AddHours(-1), Now, null), SearchInput.Empty.Read(Now, out _));
        Assert.Equal(
            new SearchInput.Asked("Anna@corp.example", "0193A1B2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "BadPassword", null, Now, 17),
            new SearchInput(" Anna@corp.example ", "0193A1B2-c3d4-7e5f-8a9b-0c1d2e3f4a5b ", "BadPassword", "", "", "", "17").Read(Now, out _));
    }

    [Fact]
    public void A_search_that_goes_on_keeps_its_range()
    {
        var next = SearchInput.Empty.From(17, Now);
        Assert.Equal(SearchInput.Empty.Read(Now, out _)! with { Before = 17 }, next.Read(Now.AddMinutes(20), out _));
        Assert.Equal(next with { Before = "9" }, next.From(9, Now.AddMinutes(20)));
    }

    private static SearchInput With(string field, string text) => field switch
    {
        "account" => SearchInput.Empty with { Account = text },
        "id" => SearchInput.Empty with { Id = text },
        "verdict" => SearchInput.Empty with { Verdict = text },
        "since" => SearchInput.Empty with { Since = text },
        "until" => SearchInput.Empty with { Until = text },
        "at" => SearchInput.Empty with { At = text },
        _ => SearchInput.Empty with { Before = text },
    };
}
