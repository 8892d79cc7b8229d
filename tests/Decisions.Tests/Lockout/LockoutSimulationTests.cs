using Xunit.Abstractions;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class LockoutSimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 1000;

    /// <summary>Most faults are found within a hundred seeds, the rarest within some thousand.</summary>
    private const int MostSeeds = 8000;

    public static TheoryData<string> Planted => [.. PlantedFaults.All.Keys];

    public static TheoryData<string> PlantedInCrashes => [.. PlantedFaults.OfCrashes];

    [Fact]
    public void No_crash_and_no_lost_message_lets_more_binds_fail_than_the_budget()
    {
        var faults = Enumerable.Range(1, Seeds).Select(seed => SimulatedWorld.Run(seed, new SimulatedRules())).OfType<string>().ToList();

        faults.ForEach(output.WriteLine);
        Assert.Empty(faults);
    }

    [Theory, MemberData(nameof(Planted))]
    public void The_simulation_finds_a_planted_fault(string fault) => Finds(fault, onlyBinds: false);

    [Theory, MemberData(nameof(PlantedInCrashes))]
    public void What_a_domain_controller_received_is_enough_to_find_a_planted_fault(string fault) => Finds(fault, onlyBinds: true);

    private void Finds(string fault, bool onlyBinds)
    {
        var found = Enumerable.Range(1, MostSeeds)
            .Select(seed => SimulatedWorld.Run(seed, PlantedFaults.All[fault], onlyBinds))
            .OfType<string>()
            .FirstOrDefault();

        output.WriteLine($"{fault}: {found}");
        Assert.NotNull(found);
    }
}
