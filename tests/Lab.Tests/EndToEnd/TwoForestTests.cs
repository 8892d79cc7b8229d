using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>One tenant with two forests that know nothing of each other's addresses, an agent for each: real processes, the lab's
/// directories.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class TwoForestTests
{
    private const string Fabrikam = "fabrikam.test";

    private static readonly Dictionary<string, string> AlternateIds = new() { ["Forests__0__AlternateIdAttributes__0"] = "mail" };

    [Fact]
    public async Task An_address_leads_to_the_forest_that_has_it_and_one_that_both_have_to_none()
    {
        await using var installation = await Installation.StartAsync(agentOptions: AlternateIds);
        var (penny, bea) = (LabPeople.Of("corp.example", "penny").Password, LabPeople.Of(Fabrikam, "bea").Password);
        Assert.Equal(("Success", "agent-1"), await AskAsync(installation, "penny", penny));
        await installation.AdminAsync("tenant", "suffix", Installation.Tenant, $"altmail.example=corp.example,{Fabrikam}", "--reason", "a test");
        await StartFabrikamAsync(installation);

        // A bare name says not which of two forests.
        Assert.Equal(("NoRouteForSuffix", null), await AskAsync(installation, "penny", penny));
        Assert.Equal(("Success", "agent-1"), await AskAsync(installation, "p.lane@altmail.example", penny));
        try
        {
            await SetMailAsync("b.alt@altmail.example");
            Assert.Equal(("Success", "fabrikam"), await AskAsync(installation, "b.alt@altmail.example", bea));
            Assert.Equal(("BadPassword", "fabrikam"), await AskAsync(installation, "b.alt@altmail.example", penny));

            await SetMailAsync("p.lane@altmail.example");
            Assert.Equal(("AmbiguousRoute", null), await AskAsync(installation, "p.lane@altmail.example", penny));
            Assert.Equal(("AmbiguousRoute", null), await AskAsync(installation, "P.Lane@AltMail.example", bea));
            Assert.Contains("more than one forest knows it: corp.example ", installation.Gateway.Log(), StringComparison.Ordinal);
        }
        finally
        {
            await SetMailAsync(null);
        }
    }

    private static async Task<(string Verdict, string? Agent)> AskAsync(Installation installation, string name, string password) =>
        await installation.ValidateAsync(name, password) is var validation ? (validation.Verdict, validation.Agent?.Name) : default;

    private static async Task StartFabrikamAsync(Installation installation)
    {
        var service = LabPeople.Of(Fabrikam, "svc-ldap");
        var file = installation.PathOf("fabrikam.svc-ldap");
        await File.WriteAllTextAsync(file, service.Password);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var agent = installation.NewAgent("fabrikam", new Dictionary<string, string>(AlternateIds)
        {
            ["Forests__0__Name"] = Fabrikam,
            ["Forests__0__NetBiosName"] = "FABRIKAM",
            ["Forests__0__Suffixes__0"] = "brand-b.example",
            ["Forests__0__ServiceAccount"] = "svc-ldap@fabrikam.test",
            ["Forests__0__ServiceAccountPasswordFile"] = file,
        });
        var token = await installation.AdminJsonAsync("token", "create", "--tenant", Installation.Tenant, "--forest", Fabrikam);
        await agent.EnrolAsync((string)token["token"]!);
        await agent.StartAsync();

        // Until both forests can say, nobody is told anything.
        await Eventually.TrueAsync("both forests are asked", TimeSpan.FromSeconds(60), async () =>
            (await AskAsync(installation, $"{Guid.NewGuid():n}@altmail.example", "x")).Verdict == "UserNotFoundInForest");
    }

    /// <summary>The mail attribute of bea of fabrikam.test, who has none in the lab.</summary>
    private static Task SetMailAsync(string? mail) =>
        LabForests.ModifyAsync("fab1.fabrikam.test", "CN=bea,CN=Users,DC=fabrikam,DC=test", mail is null ? "delete: mail" : $"replace: mail\nmail: {mail}");
}
