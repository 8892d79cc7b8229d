using System.Collections.Concurrent;
using System.Globalization;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;
using Xunit.Abstractions;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>Guessing at an account under all its names, through real processes: the domain controllers' own counters say how
/// many wrong passwords reached them.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class GuessTests(ITestOutputHelper output)
{
    private static readonly string[] Penny =
    [
        "penny.lane@contoso.com", "PENNY.LANE@Contoso.Com", "penny@corp.example", "Penny@CORP", @"CORP\penny", @"corp\PENNY",
        "p.lane@altmail.example", "penny.lane@corp.example", " penny @ corp.example. ", "P.LANE@altmail.example",
    ];

    private static readonly Dictionary<string, string> AlternateIds = new()
    {
        ["Forests__0__AlternateIdAttributes__0"] = "mail",
        ["Forests__0__AlternateIdAttributes__1"] = "proxyAddresses",
    };

    [Fact]
    public async Task Every_spelling_leads_to_the_one_account_and_its_one_lock()
    {
        await using var installation = await Installation.StartAsync(agentOptions: AlternateIds);
        var right = LabPeople.Of("corp.example", "penny").Password;
        foreach (var name in Penny)
        {
            Assert.Equal(("Success", name), ((await installation.ValidateAsync(name, right)).Verdict, name));
        }

        // Ten wrong passwords are the default budget: one from each spelling.
        var before = await BadPasswordCount.OfAsync("penny");
        foreach (var (name, guess) in Penny.Select((name, guess) => (name, guess)))
        {
            Assert.Equal(("BadPassword", name), ((await installation.ValidateAsync(name, $"guess {guess}")).Verdict, name));
        }

        Assert.Equal(before + Penny.Length, await BadPasswordCount.OfAsync("penny"));
        foreach (var name in Penny)
        {
            var locked = await installation.ValidateAsync(name, right);
            Assert.Equal(("SmartLocked", name), (locked.Verdict, name));
            Assert.InRange(locked.LockedForSeconds, 1u, 60u);
        }

        Assert.Equal(before + Penny.Length, await BadPasswordCount.OfAsync("penny"));
    }

    /// <summary>One run of each in the suite. All of them, 20 runs each:
    /// <c>GUESS_RUNS=20 GUESS_PARALLEL=10,100,1000</c>.</summary>
    [Theory, InlineData(3), InlineData(5), InlineData(10)]
    public async Task Of_many_guesses_at_once_no_more_than_the_budget_reach_a_controller(int budget)
    {
        var faults = new List<string>();
        var journal = Directory.CreateTempSubdirectory("guess-journal-");
        foreach (var parallel in Setting("GUESS_PARALLEL", "100").Split(',').Select(each => int.Parse(each, CultureInfo.InvariantCulture)))
        {
            var runs = int.Parse(Setting("GUESS_RUNS", "1"), CultureInfo.InvariantCulture);
            await using var installation = await Installation.StartAsync(agents: 2, agentOptions: OneCluster(journal.FullName));
            await installation.AdminAsync("tenant", "policy", Installation.Tenant, "--budget", $"{budget}", "--reason", "a test");
            await Eventually.TrueAsync("the agents have the policy", TimeSpan.FromSeconds(30), () => Task.FromResult(
                installation.Agent(0).Process.Log().Contains($"\"budget\": {budget}", StringComparison.Ordinal)
                && installation.Agent(1).Process.Log().Contains($"\"budget\": {budget}", StringComparison.Ordinal)));
            for (var run = 0; run < runs; run++)
            {
                var (reached, verdicts) = await GuessAsync(installation, $"load{run:0000}", parallel);
                var line = $"budget {budget}, {parallel} at once, run {run}: {reached} reached a controller; {verdicts}";
                output.WriteLine(line);
                if (reached > budget)
                {
                    faults.Add(line);
                }
            }
        }

        journal.Delete(recursive: true);
        Assert.Empty(faults);
    }

    /// <summary>Agents count together when they are one cluster with one journal; two that are not have a budget each.</summary>
    private static Dictionary<string, string> OneCluster(string folder) => new()
    {
        ["Cluster__SeedNodes__0"] = $"127.0.0.1:{PortRange.Mine + 5}",
        ["Journal__Path"] = Path.Combine(folder, $"{Guid.NewGuid():n}.db"),
    };

    private static async Task<(int Reached, string Verdicts)> GuessAsync(Installation installation, string account, int parallel)
    {
        string[] spellings =
        [
            $"{account}@corp.example", $"{account.ToUpperInvariant()}@Corp.Example", $"{account}@corp.example.", $" {account} @ corp.example ",
            $"{account}@CORP", $"{account}@corp", $@"CORP\{account}", $@"corp\{account.ToUpperInvariant()}",
        ];
        var before = await BadPasswordCount.OfAsync(account);
        var verdicts = new ConcurrentBag<string>();
        // The endpoint takes 512 of one key at once.
        await Parallel.ForAsync(0, parallel, new ParallelOptions { MaxDegreeOfParallelism = 500 }, async (guess, _) =>
            verdicts.Add((await installation.ValidateAsync(spellings[guess % spellings.Length], $"guess {guess}")).Verdict));
        var reached = await BadPasswordCount.OfAsync(account) - before;
        return (reached, string.Join(", ", verdicts.GroupBy(each => each).OrderBy(each => each.Key).Select(each => $"{each.Count()} {each.Key}")));
    }

    private static string Setting(string name, string usual) => Environment.GetEnvironmentVariable(name) ?? usual;
}
