using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Tests.Storage;

public sealed class TenantSnapshotTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly TenantSnapshot Snapshot = new(
        1,
        ["one", "two"],
        [
            Suffix("one", "corp.example", "corp.example"), Suffix("one", "corp", "corp.example"),
            Suffix("two", "fabrikam.test", "fabrikam.test"), Suffix("two", "lab.corp.example", "lab.test"),
            Suffix("two", "corp", "fabrikam.test"), Suffix("gone", "gone.example", "gone.example"),
        ],
        [new ApiKeyEntry("k", "one", [1], Now)],
        [],
        allowed: [new AllowedSubtree { TenantId = "one", Name = "brand.example" }]);

    [Theory]
    [InlineData("corp.example", "one")]
    [InlineData("LAB.corp.example", "two")]
    [InlineData("x.lab.corp.example", "two")]
    [InlineData("fabrikam.test", "two")]
    [InlineData("corp", null)]
    [InlineData("gone.example", null)]
    [InlineData("", null)]
    public void A_suffix_leads_to_the_one_tenant_that_has_it(string suffix, string? tenant) =>
        Assert.Equal(tenant, Snapshot.FindTenant(suffix));

    [Theory]
    [InlineData("brand.example", "one")]
    [InlineData("x.brand.example", "one")]
    [InlineData("evilbrand.example", null)]
    [InlineData("example", null)]
    public void A_name_under_an_allowed_subtree_belongs_to_the_tenant_whatever_its_agents_say(string suffix, string? tenant) =>
        Assert.Equal(tenant, Snapshot.FindTenant(suffix));

    [Theory]
    [InlineData("one", @"CORP\anna", "corp.example")]
    [InlineData("two", @"CORP\anna", "fabrikam.test")]
    [InlineData("one", "anna", "corp.example")]
    [InlineData("two", "anna", null)]
    [InlineData("one", "anna@fabrikam.test", null)]
    [InlineData("gone", "anna@gone.example", null)]
    public void Within_a_tenant_a_name_leads_to_that_tenants_forests_only(string tenant, string name, string? forest) =>
        Assert.Equal(forest, Snapshot.FindRoute(tenant, TypedName.TryParse(name)!)?.Forests.Single().Forest);

    [Theory, InlineData(-1, true), InlineData(0, false)]
    public void A_key_ends_at_its_end(int milliseconds, bool found) =>
        Assert.Equal(found, Snapshot.FindApiKey("k", KeyPurpose.Validation, Now.AddMilliseconds(milliseconds)) is not null);

    [Fact]
    public void A_key_is_found_among_its_own_kind_only() => Assert.Null(Snapshot.FindApiKey("k", KeyPurpose.TenantPage, Now.AddMilliseconds(-1)));

    private static Suffix Suffix(string tenant, string name, string forest) => new() { TenantId = tenant, Name = name, Forest = forest };
}
