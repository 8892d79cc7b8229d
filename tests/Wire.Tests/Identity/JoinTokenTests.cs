using Passthrough.Wire.Identity;

namespace Passthrough.Wire.Tests.Identity;

public class JoinTokenTests
{
    [Fact]
    public void What_is_handed_out_reads_back()
    {
        var token = JoinToken.Create([1, 2, 3]);
        Assert.True(JoinToken.TryParse($" {token.Reveal()}\n", out var read));
        Assert.Equal(token.SecretHash, read.SecretHash);
        Assert.Equal(token.CaFingerprint, read.CaFingerprint);
        Assert.Equal("[join token]", token.ToString());
    }

    [Fact]
    public void Text_that_is_no_token_is_refused_without_an_exception()
    {
        var good = JoinToken.Create([1]).Reveal();
        string[] bad =
        [
            "", ".", "..", "ptj1..", good[..^1], good + "A", good.Replace("ptj1", "ptj2", StringComparison.Ordinal),
            good[..10] + "!" + good[11..], good[..10] + " " + good[11..], good[..10] + "é" + good[11..], new string('A', 5000),
        ];
        Assert.All(bad, text => Assert.False(JoinToken.TryParse(text, out _), text));
    }
}
