using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class VerdictTableTests
{
    [Fact]
    public void Every_verdict_has_one_row() =>
        Assert.Equal(Enum.GetValues<Verdict>(), VerdictTable.Rows.Select(row => row.Verdict).Order());

    [Fact]
    public void A_wrong_password_is_final() => Assert.False(Verdict.BadPassword.Row().RetryElsewhere);

    [Fact]
    public void Only_a_verdict_that_could_not_be_had_is_asked_for_elsewhere() =>
        Assert.All(VerdictTable.Rows, row => Assert.True(!row.RetryElsewhere || row.Public == PublicMeaning.TryAgainLater));

    [Fact]
    public void No_verdict_after_a_bind_may_have_been_sent_is_asked_for_elsewhere_or_refunded() =>
        Assert.All(
            VerdictTable.Rows.Where(row => row.Counting == Counting.Provisional),
            row => Assert.False(row.RetryElsewhere));

    [Fact]
    public void Who_has_not_proved_the_password_sees_one_refusal() =>
        Assert.All(
            VerdictTable.Rows.Where(row => row.Public != PublicMeaning.TryAgainLater && row.Verdict != Verdict.Success),
            row => Assert.Equal(PublicMeaning.WrongNameOrPassword, row.Public));

    [Theory, InlineData(0), InlineData(-1), InlineData(9999)]
    public void A_number_that_names_no_verdict_is_refused(int number) => Assert.Null(VerdictTable.Read(number));

    [Fact]
    public void The_page_of_verdicts_says_what_the_table_says()
    {
        var page = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "docs", "VERDICTS.md"));
        var rows = page.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        Assert.Equal(VerdictTable.Rows.Select(Line), rows);
    }

    private static string Line(VerdictRow row) =>
        $"| {(int)row.Verdict} | {row.Verdict} | {Text(row.Windows)} | {Text(row.Kerberos)} | {Text(row.Aadsts)} | "
        + $"{row.Counting} | {(row.RetryElsewhere ? "yes" : "no")} | {row.Public} |";

    private static string Text(int? code) => code?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-";
}
