using System.Globalization;
using System.Text.RegularExpressions;
using Passthrough.Agent.Hosting;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.Hosting;

/// <summary>docs/GATEWAY.md says of the gateway what is so.</summary>
public partial class GatewayPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "GATEWAY.md"));

    [Fact]
    public void Every_option_is_on_the_page_with_its_default_and_no_other() =>
        Assert.Equal(
            Options(typeof(GatewayOptions), new GatewayOptions(), "").Order(StringComparer.Ordinal),
            OptionRow().Matches(Page).Select(row => $"{row.Groups["key"].Value} {row.Groups["default"].Value.Trim('`')}")
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Every_fault_is_on_the_page_and_no_other() =>
        Assert.Equal(
            Enum.GetValues<FaultKind>().Select(kind => new StartFault(kind, "").Id),
            FaultRow().Matches(Page).Select(row => row.Groups["id"].Value));

    [Fact]
    public async Task Every_command_is_on_the_page()
    {
        foreach (var group in (string[])["tenant", "token", "agent", "apikey", "audit"])
        {
            using var help = new StringWriter();
            await new AdminCommand(new Dictionary<string, string>(), TimeProvider.System, help, help).RunAsync([group, "--help"]);
            var commands = CommandLine().Matches(help.ToString().Split("Commands:")[1]).Select(line => $"`{group} {line.Groups["name"].Value}`").ToList();
            Assert.NotEmpty(commands);
            Assert.All(commands, command => Assert.Contains(command, Page, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Options(Type type, object defaults, string path)
    {
        foreach (var option in ConfigurationShape.Options(type))
        {
            var key = path + option.Name;
            var value = option.GetValue(defaults);
            var nested = ConfigurationShape.ElementOf(option.PropertyType) is not null ? [$"{key}[] none"]
                : ConfigurationShape.IsScalar(option.PropertyType) ? [$"{key} {Text(value)}"]
                : Options(option.PropertyType, value!, key + ".");
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

    [GeneratedRegex(@"^\| `(?<key>[A-Z][A-Za-z.\[\]]+)` \| (?<default>[^|]+) \| [^|]*\| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^\| (?<id>PTG-\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex FaultRow();

    [GeneratedRegex(@"^  (?<name>[a-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex CommandLine();
}
