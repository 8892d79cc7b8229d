using System.Globalization;
using System.Text;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>Whether the time of a refusal tells its reason. Samples of all reasons come in one random order from many browsers at
/// once; two reasons are told apart by how often a sample of one is longer than a sample of the other (Mann-Whitney; 0.5 is
/// not at all). Takes minutes, so it is asked for by its own trait; TIMING_SAMPLES is the number of samples of each, 2000 if
/// it is not set. Writes artifacts/bench/timing.md.</summary>
[Trait("needs", "minutes"), Collection("lab")]
public sealed class TimingTests
{
    private const int Browsers = 24;
    private const int WarmUp = 20;
    private const int Seed = 20_26;
    private const double Least = 0.45, Most = 0.55;

    /// <summary>Wrong passwords for one account: below the largest budget.</summary>
    private const int GuessesEach = 45;

    private static readonly LabPerson[] Many = [.. LabPeople.All.Where(person => person.State == "load")];
    private static readonly LabPerson[] Disabled = [.. LabPeople.All.Where(person => person.Domain == "corp.example" && person.State == "disabled")];
    private static readonly LabPerson Locked = LabPeople.Of("corp.example", "alice");

    private static readonly (string Reason, Func<int, (string Name, string Password)> Sample)[] Reasons =
    [
        ("wrong password", i => (Many[i % Many.Length].Name, Guess(i))),
        ("unknown user", i => ($"nobody{i:D4}@corp.example", Guess(i))),
        ("disabled, right password", i => (Disabled[i % Disabled.Length].Name, Disabled[i % Disabled.Length].Password)),
        ("locked", i => (Locked.Name, Guess(i))),
        ("unknown suffix", i => ($"nobody{i:D4}@nowhere.example", Guess(i))),
    ];

    [Fact]
    public async Task The_time_of_a_refusal_does_not_tell_its_reason()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("TIMING_SAMPLES") ?? "2000", CultureInfo.InvariantCulture);
        Assert.InRange(count, 1, (Many.Length * GuessesEach) - WarmUp);
        await using var installation = await Installation.StartAsync(new Dictionary<string, string>
        {
            ["SignIn__SourceBurst"] = "10000",
            ["SignIn__SourcePerMinute"] = "60000",
        });
        await installation.AdminAsync("tenant", "policy", Installation.Tenant, "--budget", "50", "--lock-time", "1.00:00:00", "--longest-lock", "1.00:00:00", "--reason", "a test");
        for (var verdict = ""; verdict != "SmartLocked";)
        {
            verdict = (await installation.ValidateAsync(Locked.Name, Guid.NewGuid().ToString("n"))).Verdict;
        }

        await SampleAsync(installation, WarmUp, first: count);
        var times = await SampleAsync(installation, count);
        var report = Report(times, count);
        var folder = Directory.CreateDirectory(Path.Combine(Installation.RepositoryRoot, "artifacts", "bench"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "timing.md"), report);

        // With few samples chance alone leaves the bounds.
        Assert.True(count < 1_000 || Pairs().All(p => Auc(times[p.A], times[p.B]) is >= Least and <= Most), report);
    }

    /// <summary>Milliseconds of each sample, by reason.</summary>
    private static async Task<double[][]> SampleAsync(Installation installation, int count, int first = 0)
    {
        var order = Reasons.SelectMany((_, reason) => Enumerable.Range(0, count).Select(i => (Reason: reason, Number: i))).ToArray();
        new Random(Seed).Shuffle(order);
        var times = Reasons.Select(_ => new double[count]).ToArray();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Browsers).Select(async _ =>
        {
            using var browser = new PageVisitor(installation);
            await browser.OpenAsync(Locked.Name);
            while (Interlocked.Increment(ref next) is var index && index < order.Length)
            {
                var (reason, number) = order[index];
                var (name, password) = Reasons[reason].Sample(first + number);
                times[reason][number] = await browser.TimeRefusalAsync(name, password);
            }
        }));
        return times;
    }

    private static string Report(double[][] times, int count)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{count} samples each, {Browsers} browsers at once\n\n");
        text.Append("| | median, ms | p99, ms |").AppendJoin("", Reasons.Select(r => $" {r.Reason} |")).Append('\n');
        text.Append("| --- | ---: | ---: |").AppendJoin("", Reasons.Select(_ => " ---: |")).Append('\n');
        for (var a = 0; a < Reasons.Length; a++)
        {
            var sorted = times[a].Order().ToArray();
            text.Append(CultureInfo.InvariantCulture, $"| {Reasons[a].Reason} | {sorted[count / 2]:0.0} | {sorted[count * 99 / 100]:0.0} |");
            for (var b = 0; b < Reasons.Length; b++)
            {
                text.Append(a == b ? " |" : string.Create(CultureInfo.InvariantCulture, $" {Auc(times[a], times[b]):0.000} |"));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<(int A, int B)> Pairs() =>
        from a in Enumerable.Range(0, Reasons.Length)
        from b in Enumerable.Range(a + 1, Reasons.Length - a - 1)
        select (a, b);

    /// <summary>How often a sample of the first is longer than one of the second; equal ones count half.</summary>
    private static double Auc(double[] first, double[] second)
    {
        var sorted = second.Order().ToArray();
        var wins = first.Sum(value => (LowerBound(sorted, value) + UpperBound(sorted, value)) / 2.0);
        return wins / first.Length / second.Length;
    }

    private static int LowerBound(double[] sorted, double value) => Bound(sorted, each => each < value);

    private static int UpperBound(double[] sorted, double value) => Bound(sorted, each => each <= value);

    private static int Bound(double[] sorted, Func<double, bool> isBefore)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = isBefore(sorted[middle]) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Never the same for one account: a repeated one would be answered without a bind.</summary>
    private static string Guess(int number) => $"Guess-{number:D5}-{Environment.ProcessId:D7}";
}
