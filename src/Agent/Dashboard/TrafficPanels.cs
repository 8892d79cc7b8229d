using System.Globalization;
using Passthrough.Dashboards;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Dashboard;

namespace Passthrough.Agent.Dashboard;

/// <summary>What people did in one forest, on all nodes.</summary>
/// <param name="Verdicts">The most frequent first.</param>
/// <param name="Guessing">Null: nobody guesses.</param>
internal sealed record ForestTraffic(int Number, string Forest, IReadOnlyList<(Verdict Verdict, Course Course)> Verdicts, Guessing? Guessing);

/// <summary>Attempts, failures and locks.</summary>
internal static class TrafficPanels
{
    private const int MaxFailures = 50;

    public static IReadOnlyList<ForestTraffic> Forests(ClusterView view) =>
    [
        .. view.Rows("forests list").Concat(view.Rows("attempts rates")).Select(row => row.Of("forest")).Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select((name, i) => Forest(i + 1, name, view.Rows("attempts rates").Where(row => row.Of("forest").Equals(name, StringComparison.OrdinalIgnoreCase)))),
    ];

    public static Panel Rates(ForestTraffic traffic)
    {
        var rates = traffic.Verdicts.Select(each => (Name: each.Verdict.ToString(), Course: each.Course.PerSecond())).ToList();
        return new Panel(
            $"attempts-{traffic.Number}", $"Attempts in {traffic.Forest}", ["verdict", "a second", "in these minutes", "what it says"],
            [
                .. traffic.Verdicts.Zip(rates, (all, rate) => new[]
                {
                    new Cell(rate.Name, IsAlarming(traffic, all.Verdict) ? CellState.Bad : CellState.Plain), new Cell(Text(rate.Course.Values[^1] ?? 0)),
                    new Cell(Text(all.Course.Sum)), new Cell(all.Verdict == Verdict.Success ? "signed in" : DashboardRules.Reason(all.Verdict)),
                }),
            ])
        {
            Note = $"Of all nodes together; {Course.Minutes} minutes. More: pbm attempts rates, pbm attempts tail -f {traffic.Forest}.",
            Chart = ForestPanels.ChartOf("a second", rates),
        };
    }

    public static Panel Locks(ClusterView view) => new(
        "locks", "Locked accounts", ["account", "sources", "failures", "until (UTC)", "node"],
        [
            .. from row in view.Rows("lockouts list")
               orderby row.Of("lockedUntil") descending
               select new[]
               {
                   new Cell(row.Of("account")), new Cell(row.Of("sources")), new Cell(row.Of("failures")), new Cell(ClusterPage.Moment(row.Of("lockedUntil")), CellState.Warning),
                   new Cell(row.Node),
               },
        ])
    {
        Note = "Accounts go by their pseudonyms. More: pbm account show ACCOUNT; pbm account unlock ACCOUNT ends a lock.",
    };

    public static Panel Failures(ClusterView view) => new(
        "failures", "Recent failures", ["at (UTC)", "why", "account", "DC", "Windows/AADSTS", "node"],
        [
            .. view.Rows("attempts tail").OrderByDescending(row => row.Of("at"), StringComparer.Ordinal).Take(MaxFailures).Select(row => new[]
            {
                new Cell(ClusterPage.Moment(row.Of("at"))), new Cell(Reason(row.Of("verdict"))), new Cell(row.Of("account")), new Cell(row.Of("domainController")), new Cell(row.Of("codes")),
                new Cell(row.Node),
            }),
        ])
    {
        Note = $"The last {MaxFailures}. More: pbm attempts tail --failures, pbm account failures ACCOUNT.",
    };

    private static ForestTraffic Forest(int number, string name, IEnumerable<(string Node, Func<string, string> Of)> rows)
    {
        var verdicts =
            (from row in rows
             let verdict = Enum.TryParse<Verdict>(row.Of("verdict"), out var read) ? read : (Verdict?)null
             where verdict is not null && Enum.IsDefined(verdict.Value)
             group Course.Read(row.Of("lastAt"), row.Of("counts")) by verdict.Value into same
             let course = Course.Add([.. same])
             orderby course.Sum descending
             select (Verdict: same.Key, Course: course)).ToList();
        return new ForestTraffic(number, name, verdicts, GuessingAlarm.Find(Course.Add(
            [.. verdicts.Where(each => GuessingAlarm.IsGuess(each.Verdict)).Select(each => each.Course)])));
    }

    private static bool IsAlarming(ForestTraffic traffic, Verdict verdict) => traffic.Guessing is { IsNow: true } && GuessingAlarm.IsGuess(verdict);

    private static string Reason(string verdict) => Enum.TryParse<Verdict>(verdict, out var known) && Enum.IsDefined(known) ? DashboardRules.Reason(known) : verdict;

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
