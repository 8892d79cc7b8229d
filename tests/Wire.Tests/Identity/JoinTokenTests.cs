using System.Security.Cryptography;
using CsCheck;
using Passthrough.Wire.Identity;

namespace Passthrough.Wire.Tests.Identity;

public class JoinTokenTests
{
    private static readonly byte[] CaCertificate = [0x30, 1, 2, 3];

    [Fact]
    public void A_token_is_read_as_it_was_handed_out()
    {
        var token = JoinToken.Create(CaCertificate);
        Assert.True(JoinToken.TryParse($"  {token.Reveal()}\n", out var read));
        Assert.Equal(token.SecretHash, read.SecretHash);
        Assert.Equal(SHA256.HashData(CaCertificate), read.CaFingerprint);
        Assert.Equal(token.Reveal(), read.Reveal());
    }

    [Fact]
    public void Two_tokens_share_the_fingerprint_and_nothing_else()
    {
        var (first, second) = (JoinToken.Create(CaCertificate), JoinToken.Create(CaCertificate));
        Assert.Equal(first.CaFingerprint, second.CaFingerprint);
        Assert.NotEqual(first.SecretHash, second.SecretHash);
    }

    [Fact]
    public void What_the_gateway_stores_is_not_in_the_token()
    {
        var token = JoinToken.Create(CaCertificate);
        Assert.Equal(32, token.SecretHash.Length);
        var secret = System.Buffers.Text.Base64Url.DecodeFromChars(token.Reveal().Split('.')[1]);
        Assert.Equal(SHA256.HashData(secret), token.SecretHash);
    }

    [Fact]
    public void A_token_is_not_printed()
    {
        var token = JoinToken.Create(CaCertificate);
        Assert.Equal("[join token]", token.ToString());
        Assert.Equal("[join token]", $"{token}");
        var json = System.Text.Json.JsonSerializer.Serialize(token);
        Assert.DoesNotContain(token.Reveal().Split('.')[1], json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("ptj1..")]
    [InlineData("ptj1.AAAA.AAAA")]
    [InlineData("\0\0\0")]
    public void What_is_no_token_is_refused(string text) => Assert.False(JoinToken.TryParse(text, out _));

    [Fact]
    public void A_token_that_is_changed_in_form_is_refused()
    {
        var parts = JoinToken.Create(CaCertificate).Reveal().Split('.');
        Assert.All(
            new[]
            {
                $"ptj2.{parts[1]}.{parts[2]}",
                $"PTJ1.{parts[1]}.{parts[2]}",
                $"ptj1.{parts[1]}",
                $"ptj1.{parts[1]}.{parts[2]}.",
                $"ptj1.{parts[1]}.{parts[2]}=",
                $"ptj1.{parts[1][1..]}.{parts[2]}",
                $"ptj1.{parts[1]}A.{parts[2]}",
                $"ptj1.+{parts[1][1..]}.{parts[2]}",
                $"ptj1. {parts[1][1..]}.{parts[2]}",
                $"ptj1.é{parts[1][1..]}.{parts[2]}",
                new string(' ', 200) + $"ptj1.{parts[1]}.{parts[2]}",
            },
            text => Assert.False(JoinToken.TryParse(text, out _), text));
    }

    [Fact]
    public void Any_text_is_survived()
    {
        var valid = JoinToken.Create(CaCertificate).Reveal();
        Gen.Select(Gen.String, Gen.Int[0, valid.Length - 1], Gen.Char).Sample((text, position, character) =>
        {
            foreach (var tried in (string[])[text, $"ptj1.{text}.{text}", $"{valid[..position]}{character}{valid[(position + 1)..]}"])
            {
                Assert.Equal(JoinToken.TryParse(tried, out var token), token is not null);
            }
        });
    }
}
