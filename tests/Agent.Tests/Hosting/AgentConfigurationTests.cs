using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;

namespace Passthrough.Agent.Tests.Hosting;

public sealed class AgentConfigurationTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    [Fact]
    public void Every_option_has_a_default_that_is_in_its_range() =>
        Assert.Empty(AgentOptionsValidator.StateFaults(new AgentOptions()));

    [Fact]
    public void The_environment_goes_over_the_file()
    {
        var file = Write("""{ "Credits": 7, "DrainTimeout": "00:00:03" }""");

        var options = Read(file, ("PASSTHROUGH_AGENT__Credits", "9"));

        Assert.Equal((9, TimeSpan.FromSeconds(3)), (options.Credits, options.DrainTimeout));
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var file = Write("""
            { "Credit": 7, "DrainTimeout": "5 minutes", "Credits": 0, "Nested": { "A": 1, "B": [ 2 ] }, "OperatorSocket": { "X": 1 },
              "Forests": [ { "Nam": "corp.example" } ], "Lockout": { "Budget": 1 }, "Cluster": { "BindAddress": "agent-1.example" } }
            """);

        var faults = Faults(file, ("PASSTHROUGH_AGENT__STATEDIRECTORY", "not/absolute"));

        Assert.All(faults, f => Assert.Equal(FaultKind.ConfigurationWrong, f.Kind));
        string[] expected =
        [
            "Credit is not an option", "Credits is 0: must be 1 to 65535", "DrainTimeout is '5 minutes': must be a time",
            "Nested:A is not an option", "Nested:B:0 is not an option", "OperatorSocket:X is not an option",
            "StateDirectory is 'not/absolute': must be an absolute path", "Forests names 0 forests: must name 1 to 100",
            "Forests:0:Nam is not an option", "Lockout:Budget is 1: must be 2 to 50", "Cluster:BindAddress is 'agent-1.example'",
        ];
        Assert.All(expected, words => Assert.Contains(faults, f => f.Message.Contains(words, StringComparison.Ordinal)));
        Assert.All(faults, f => Assert.Contains(file, f.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Credits", "1", true)]
    [InlineData("Credits", "65535", true)]
    [InlineData("Credits", "65536", false)]
    [InlineData("DrainTimeout", "00:00:00", true)]
    [InlineData("DrainTimeout", "00:05:00", true)]
    [InlineData("DrainTimeout", "00:05:01", false)]
    [InlineData("DrainTimeout", "-00:00:01", false)]
    [InlineData("OperatorSocket", "relative.sock", false)]
    public void A_range_is_kept_at_both_edges(string key, string value, bool good)
    {
        var faults = Faults(Write("{}"), ($"PASSTHROUGH_AGENT__{key}", value)).Where(f => f.Message.Contains(key, StringComparison.Ordinal));

        Assert.Equal(good, !faults.Any());
    }

    [Theory, InlineData(107, true), InlineData(108, false)]
    public void A_socket_path_is_no_longer_than_the_system_takes(int bytes, bool good)
    {
        var faults = Faults(Write("{}"), ("PASSTHROUGH_AGENT__OperatorSocket", "/" + new string('s', bytes - 6) + ".sock"));

        Assert.Equal(good, !faults.Any(f => f.Message.Contains("OperatorSocket", StringComparison.Ordinal)));
    }

    [Theory, InlineData("{ not json"), InlineData("")]
    public void A_file_that_is_not_JSON_is_named(string text)
    {
        var file = Write(text);

        var fault = Assert.Single(Faults(file));

        Assert.Equal(FaultKind.ConfigurationUnreadable, fault.Kind);
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void A_file_that_was_named_must_be_there() =>
        Assert.Equal(FaultKind.ConfigurationUnreadable, Assert.Single(Faults(_scratch.File("absent.json"))).Kind);

    public void Dispose() => _scratch.Dispose();

    private string Write(string text)
    {
        var file = _scratch.File("agent.json");
        File.WriteAllText(file, text);
        return file;
    }

    private static AgentOptions Read(string file, params (string Key, string Value)[] environment) =>
        AgentConfiguration.Read(file, environment.ToDictionary(e => e.Key, e => e.Value), AgentOptionsValidator.StateFaults);

    private static IReadOnlyList<StartFault> Faults(string file, params (string Key, string Value)[] environment)
    {
        try
        {
            AgentConfiguration.Read(file, environment.ToDictionary(e => e.Key, e => e.Value), AgentOptionsValidator.Faults);
            return [];
        }
        catch (StartFaultException e)
        {
            return e.Faults;
        }
    }
}
