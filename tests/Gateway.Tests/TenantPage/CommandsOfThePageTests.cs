using System.Text.RegularExpressions;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.TenantPage;

/// <summary>docs/TENANT_PAGE.md says what works.</summary>
public sealed partial class CommandsOfThePageTests
{
    [Fact]
    public async Task Each_command_that_is_written_there_works()
    {
        await using var gateway = await TestGateway.StartAsync();
        var commands = Command().Matches(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "TENANT_PAGE.md")))
            .Select(match => match.Groups["line"].Value).ToList();
        Assert.Equal(4, commands.Count);
        var id = "";
        foreach (var command in commands)
        {
            var args = Word().Matches(command).Select(word => word.Value.Trim('"')).Select(word => word == "KEY-ID" ? id : word).ToArray();
            var said = await gateway.CommandAsync(args);
            id = KeyId().Match(said) is { Success: true } made ? made.Groups["id"].Value : id;
        }

        Assert.Contains("revoked", await gateway.CommandAsync("pagekey", "list"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(\$ |    )passthrough-gateway (?<line>.+)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^Key (?<id>\S+) for", RegexOptions.Multiline)]
    private static partial Regex KeyId();
}
