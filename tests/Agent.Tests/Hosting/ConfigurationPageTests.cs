using System.Globalization;
using System.Text.RegularExpressions;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Tests.Hosting;

/// <summary>docs/CONFIGURATION.md says of the agent what is so.</summary>
public partial class ConfigurationPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "CONFIGURATION.md"));

    [Fact]
    public void Every_option_is_on_the_page_with_its_default_and_no_other() =>
        Assert.Equal(
            Options(typeof(AgentOptions), new AgentOptions(), "").Order(StringComparer.Ordinal),
            OptionRow().Matches(Page).Select(row => $"{row.Groups["key"].Value} {row.Groups["default"].Value.Trim('`')}")
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Every_fault_is_on_the_page_and_no_other() =>
        Assert.Equal(
            Enum.GetValues<FaultKind>().Select(kind => new StartFault(kind, "").Id),
            FaultRow().Matches(Page).Select(row => row.Groups["id"].Value));

    [Fact]
    public void Every_input_of_a_command_is_on_the_page() =>
        Assert.All(
            [AgentCommand.GatewayVariable, AgentCommand.TokenVariable, AgentCommand.NameVariable, AgentConfiguration.FileVariable],
            variable => Assert.Contains(variable, Page, StringComparison.Ordinal));

    private static IEnumerable<string> Options(Type type, object defaults, string path)
    {
        foreach (var option in ConfigurationShape.Options(type))
        {
            var key = path + option.Name;
            var (value, element) = (option.GetValue(defaults), ConfigurationShape.ElementOf(option.PropertyType));
            var nested = element is null
                ? ConfigurationShape.IsScalar(option.PropertyType) ? [$"{key} {Text(value)}"] : Options(option.PropertyType, value!, key + ".")
                : ConfigurationShape.IsScalar(element) ? [$"{key}[] none"] : Options(element, Activator.CreateInstance(element)!, key + "[].");
            foreach (var line in nested)
            {
                yield return line;
            }
        }
    }

    private static string Text(object? value) => value switch
    {
        null or "" => "none",
        bool on => on ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Cluster.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^\| `(?<key>[A-Z][A-Za-z.\[\]]+)` \| (?<default>[^|]+) \| [^|]*\| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^\| (?<id>PTA-\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex FaultRow();
}
