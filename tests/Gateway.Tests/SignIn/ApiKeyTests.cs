using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Tests.SignIn;

public class ApiKeyTests
{
    [Fact]
    public void What_is_handed_out_reads_back_and_matches_what_is_stored()
    {
        var key = ApiKey.Create(KeyPurpose.Validation);
        Assert.True(ApiKey.TryParse(key.Reveal(), KeyPurpose.Validation, out var read));
        Assert.Equal(key.Id, read.Id);
        Assert.True(read.Matches(new ApiKeyEntry(key.Id, "acme", key.SecretHash, null)));
        Assert.False(ApiKey.Create(KeyPurpose.Validation).Matches(new ApiKeyEntry(key.Id, "acme", key.SecretHash, null)));
    }

    [Fact]
    public void A_key_opens_only_what_it_is_for()
    {
        var key = ApiKey.Create(KeyPurpose.TenantPage);
        Assert.StartsWith("ptt1.", key.Reveal(), StringComparison.Ordinal);
        Assert.False(ApiKey.TryParse(key.Reveal(), KeyPurpose.Validation, out _));
        Assert.True(ApiKey.TryParse(key.Reveal(), KeyPurpose.TenantPage, out var read));
        Assert.False(read.Matches(new ApiKeyEntry(key.Id, "acme", key.SecretHash, null)));
        Assert.True(read.Matches(new ApiKeyEntry(key.Id, "acme", key.SecretHash, null, KeyPurpose.TenantPage)));
    }

    [Fact]
    public void It_is_not_printed()
    {
        var key = ApiKey.Create(KeyPurpose.Validation);
        Assert.DoesNotContain(key.Reveal().Split('.')[2], key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_key_is_refused_without_an_exception()
    {
        var good = ApiKey.Create(KeyPurpose.Validation).Reveal();
        string[] bad =
        [
            "", ".", "..", "pta1..", good[..^1], good + "A", good.Replace("pta1", "ptj1", StringComparison.Ordinal),
            good[..6] + "!" + good[7..], good[..20] + "*" + good[21..], good[..20] + " " + good[21..], new string('A', 5000),
        ];
        Assert.All(bad, text => Assert.False(ApiKey.TryParse(text, KeyPurpose.Validation, out _), text));
    }
}
