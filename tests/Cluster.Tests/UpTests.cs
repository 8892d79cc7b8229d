using System.Text.Json;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>The command of the README that brings everything up, for a directory of one's own.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class UpTests
{
    [Fact]
    public async Task Up_with_a_directory_of_ones_own_asks_that_directory()
    {
        var home = Directory.CreateTempSubdirectory("passthrough-up-test-");
        try
        {
            var forests = Path.Combine(home.FullName, "forests.json");
            await File.WriteAllTextAsync(forests, JsonSerializer.Serialize(LabForests.WithPasswordIn(Path.Combine(home.FullName, "password"))));
            var printed = await ServiceProcess.RunAsync(
                new Dictionary<string, string>(), Path.Combine(Installation.RepositoryRoot, "ops", "up"), "--check", "--directory", forests);
            Assert.Matches(@"ok +unknown user +nobody@corp\.example +UserNotFoundInForest +agent agent-1", printed);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }
}
