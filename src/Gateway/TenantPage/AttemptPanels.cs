using System.Globalization;
using Passthrough.Agent.Dashboard;
using Passthrough.Audit;
using Passthrough.Dashboards;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Monitoring;
using Passthrough.Decisions.TenantPage;
using Passthrough.Gateway.Agents;

namespace Passthrough.Gateway.TenantPage;

/// <summary>The panels of a tenant's attempts: how many, by verdict, the domain controllers that they came to, locks, failures.</summary>
internal sealed class AttemptPanels(RecentAttempts recent, KeptLocks locks, AuditNames names, ILogger<AttemptPanels> log)
{
    /// <summary>Lines of the chart that have a verdict of their own; the rest are one.</summary>
    private const int MostLines = 7;

    private const int MostLocks = 50;

    public async Task<IReadOnlyList<Panel>> OfAsync(string tenant, CancellationToken cancel)
    {
        var seen = recent.Look(tenant);
        return [Attempts(seen), Failures(seen), await LocksAsync(tenant, cancel), Controllers(seen)];
    }

    private static Panel Attempts(AttemptsSeen seen)
    {
        var verdicts = seen.Verdicts.Where(each => each.Course.Sum > 0).OrderByDescending(each => each.Course.Sum).ThenBy(each => each.Verdict).ToList();
        var lines = verdicts.Take(MostLines).Select(each => Line(each.Verdict.ToString(), [each.Course])).ToList();
        if (verdicts.Count > MostLines)
        {
            lines.Add(Line("others", [.. verdicts.Skip(MostLines).Select(each => each.Course)]));
        }

        return new Panel(
            "attempts", "Attempts by verdict", ["Verdict", "Last minute", $"Last {Course.Minutes} minutes", "A second, in the last minute"],
            [.. verdicts.Select(each => (each.Verdict, each.Course.Sum, LastMinute: each.Course.Newest(60 / Course.StepSeconds).Sum)).Select(each => (IReadOnlyList<Cell>)
            [
                Judged.Of(each.Verdict.ToString(), PanelStates.Of(each.Verdict)), Number(each.LastMinute), Number(each.Sum),
                new((each.LastMinute / 60.0).ToString("0.##", CultureInfo.InvariantCulture)),
            ])])
        {
            Note = $"That came to this instance, in the last {Course.Minutes} minutes and since it was started.",
            Chart = lines.Count == 0 ? null : new Chart("attempts a second", lines, Course.StepSeconds, verdicts[0].Course.PerSecond().LastAt),
        };
    }

    private static Panel Failures(AttemptsSeen seen) => new(
        "failures", "Recent failures", ["At (UTC)", "Verdict", "Reason", "Windows", "AADSTS", "Request", "Agent", "Domain controller"],
        [.. seen.Failures.Select(each => (IReadOnlyList<Cell>)
        [
            new(Time(each.At)), Judged.Of(each.Verdict.ToString(), PanelStates.Of(each.Verdict)), new(DashboardRules.Reason(each.Verdict)),
            Code(each.Verdict.Row().Windows), Code(each.Verdict.Row().Aadsts), new(each.Attempt.ToString()), new(each.Agent ?? "–"), new(each.Controller ?? "–"),
        ])])
    {
        Note = "The newest 50 at this instance. Whose they were, the search finds by the request.",
    };

    private async Task<Panel> LocksAsync(string tenant, CancellationToken cancel)
    {
        var (longest, count) = locks.Of(tenant, MostLocks);
        var shown = await NamesAsync([.. longest.Select(each => each.Account.ObjectGuid.ToString("n"))], cancel);
        return new Panel(
            "locks", "Locks that this instance keeps", ["Account", "Forest", "For strangers", "For familiar sources"],
            [.. longest.Zip(shown, (each, account) => (IReadOnlyList<Cell>)
            [
                new(each.Account.IsKnown ? account : "a name of nobody"), new(each.Account.Forest), Left(each.Unfamiliar), Left(each.Familiar),
            ])])
        {
            Note = count > longest.Count ? $"The longest {longest.Count} of {count}." : "Agents told of them; the cluster of the agents may know of more.",
        };
    }

    /// <summary>As the log shows them: who cannot be named is not.</summary>
    private async Task<IReadOnlyList<string>> NamesAsync(string[] accounts, CancellationToken cancel)
    {
        try
        {
            return accounts.Length == 0 ? [] : await names.ShowAsync(accounts, cancel);
        }
        catch (AuditFaultException e)
        {
            log.LogUnreadable(e.Message);
            return [.. accounts.Select(_ => "not shown: the names’ keys cannot be read")];
        }
    }

    private static Panel Controllers(AttemptsSeen seen) => new(
        "controllers", "Domain controllers", ["Domain controller", "State", "Answers", "Without an answer", "Bind", "Last named (UTC)"],
        [.. seen.Controllers.Select(each => (IReadOnlyList<Cell>)
        [
            new(each.Name), AgentPanels.Shown(PanelStates.Controller(each.Seen)), Number(each.Seen.Answers), Number(each.Seen.Failures),
            new(each.BindMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms:0.#} ms") : "–"), new(Time(each.LastAt)),
        ])])
    {
        Note = $"That agents named in their answers to this instance in the last {Course.Minutes} minutes and since it was started. The agents know of more.",
    };

    /// <summary>All courses are of this instance, so they end at the same step.</summary>
    private static Series Line(string name, IReadOnlyCollection<Course> counts) => new(name, Course.Add(counts).PerSecond().Values);

    private static Cell Number(int count) => new(count.ToString(CultureInfo.InvariantCulture));

    private static Cell Code(int? code) => new(code?.ToString(CultureInfo.InvariantCulture) ?? "–");

    private static Cell Left(TimeSpan left) => left > TimeSpan.Zero ? new(ProgramHealth.Length(left), CellState.Warning) : new("open");

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
