using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public sealed class NameSearchTests
{
    /// <summary>F found, S several, - not found, ? no verdict; one letter for each forest.</summary>
    [Theory]
    [InlineData("--", 0, null)]
    [InlineData("F-", 0, null)]
    [InlineData("-F", 1, null)]
    [InlineData("--F", 2, null)]
    [InlineData("-S", 1, null)]
    [InlineData("FF", 0, Verdict.AmbiguousRoute)]
    [InlineData("-FF", 0, Verdict.AmbiguousRoute)]
    [InlineData("FS", 0, Verdict.AmbiguousRoute)]
    [InlineData("FF?", 0, Verdict.AmbiguousRoute)]
    [InlineData("?F", 0, Verdict.NoDomainController)]
    [InlineData("F?", 0, Verdict.NoDomainController)]
    [InlineData("-?", 0, Verdict.NoDomainController)]
    [InlineData("??", 0, Verdict.NoDomainController)]
    [InlineData("S?", 0, Verdict.NoDomainController)]
    public void One_forest_gets_the_attempt_or_none(string answers, int forest, Verdict? refusal) =>
        Assert.Equal(new SearchDecision(forest, refusal), NameSearch.Decide([.. answers.Select(letter => letter switch
        {
            'F' => SearchAnswer.Found,
            'S' => SearchAnswer.Several,
            '?' => SearchAnswer.NoVerdict,
            _ => SearchAnswer.NotFound,
        })]));

    [Theory, InlineData(8, 3), InlineData(4, 2), InlineData(0, 0)]
    public void The_attempt_keeps_half_of_its_time(int left, int search) =>
        Assert.Equal(TimeSpan.FromSeconds(search), NameSearch.TimeFor(TimeSpan.FromSeconds(left)));
}
