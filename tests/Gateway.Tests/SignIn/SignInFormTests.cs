using System.Text;
using CsCheck;
using Passthrough.Gateway.SignIn;

namespace Passthrough.Gateway.Tests.SignIn;

public class SignInFormTests
{
    private const string Awkward = "&=%+\0ä€\u3042";

    private static readonly Gen<string> Text = Gen.String[Gen.Frequency(
        (4, Gen.Char[' ', '~']), (1, Gen.Int[0, Awkward.Length - 1].Select(i => Awkward[i]))), 0, 60];

    [Fact]
    public void What_a_browser_encodes_is_read_back_byte_for_byte() =>
        Gen.Select(Text, Text).Sample(async (name, password) =>
        {
            using var encoded = new FormUrlEncodedContent(
                [KeyValuePair.Create("form", "t"), KeyValuePair.Create("name", name), KeyValuePair.Create("password", password)]);
            using var form = SignInForm.Parse(await encoded.ReadAsByteArrayAsync());
            Assert.NotNull(form);
            Assert.Equal(name, form.Name);
            Assert.False(form.Fields.ContainsKey("password"));
            if (password.Length == 0 || password.Contains('\0', StringComparison.Ordinal))
            {
                Assert.Null(form.Password);
            }
            else
            {
                Assert.Equal(password, form.Password!.Reveal(0, (_, utf8) => Encoding.UTF8.GetString(utf8)));
            }
        });

    [Fact]
    public void Whatever_bytes_come_nothing_is_thrown() =>
        Gen.Byte.Array[0, 400].Sample(bytes => SignInForm.Parse(bytes)?.Dispose());

    [Theory]
    [InlineData("name=a%4", "a%4")]
    [InlineData("name=%zz%", "%zz%")]
    [InlineData("name=a+b%2B", "a b+")]
    [InlineData("name", "")]
    [InlineData("n%61me=x", "x")]
    public void A_percent_sign_that_begins_no_byte_stays(string body, string expected)
    {
        using var form = SignInForm.Parse(Encoding.ASCII.GetBytes(body));
        Assert.Equal(expected, form!.Name);
    }

    [Theory, InlineData("password=%ff%fe"), InlineData("password=%c3"), InlineData("password=%ed%a0%80")]
    public void A_password_that_is_not_UTF_8_is_none(string body)
    {
        using var form = SignInForm.Parse(Encoding.ASCII.GetBytes(body));
        Assert.Null(form!.Password);
    }
}
