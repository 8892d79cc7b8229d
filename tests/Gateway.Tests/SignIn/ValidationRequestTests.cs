using System.Text;
using System.Text.Json;
using CsCheck;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.SignIn;

namespace Passthrough.Gateway.Tests.SignIn;

public class ValidationRequestTests
{
    [Fact]
    public void What_a_serializer_writes_is_read_back() =>
        Gen.Select(Gen.String[0, 100], Gen.String[1, 100]).Where(t => IsText(t.Item1) && IsText(t.Item2)).Sample((name, password) =>
        {
            using var request = ValidationRequest.Read(JsonSerializer.SerializeToUtf8Bytes(new { userName = name, password }), out var fault);
            if (password.Contains('\0', StringComparison.Ordinal))
            {
                Assert.Equal("password contains U+0000", fault);
                return;
            }

            Assert.Equal("", fault);
            Assert.Equal(name, request!.UserName);
            Assert.Equal(password, request.Password.Reveal(0, (_, utf8) => Encoding.UTF8.GetString(utf8)));
        });

    [Theory]
    [InlineData("", "the body is not valid JSON in UTF-8")]
    [InlineData("[]", "the body is not a JSON object")]
    [InlineData("\"x\"", "the body is not a JSON object")]
    [InlineData("{}", "userName is missing")]
    [InlineData("{\"userName\":\"a\"}", "password is missing")]
    [InlineData("{\"password\":\"a\"}", "userName is missing")]
    [InlineData("{\"userName\":1,\"password\":\"a\"}", "userName is not a string")]
    [InlineData("{\"userName\":null,\"password\":\"a\"}", "userName is not a string")]
    [InlineData("{\"userName\":\"a\",\"password\":[\"a\"]}", "password is not a string")]
    [InlineData("{\"userName\":\"a\",\"password\":\"\"}", "password is empty")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\\u0000b\"}", "password contains U+0000")]
    [InlineData("{\"userName\":\"a\",\"password\":\"\\ud800\"}", "the body is not valid JSON in UTF-8")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\",\"password\":\"b\"}", "password is given twice")]
    [InlineData("{\"userName\":\"a\",\"userName\":\"a\",\"password\":\"b\"}", "userName is given twice")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\",\"x\":1}", "the body has a property that is none of userName, password and clientAddress")]
    [InlineData("{\"UserName\":\"a\",\"password\":\"a\"}", "the body has a property that is none of userName, password and clientAddress")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\"} x", "the body is not valid JSON in UTF-8")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\"", "the body is not valid JSON in UTF-8")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\",}", "the body is not valid JSON in UTF-8")]
    [InlineData("{\"userName\":\"a\",/**/\"password\":\"a\"}", "the body is not valid JSON in UTF-8")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\",\"clientAddress\":null}", "clientAddress is not a string")]
    [InlineData("{\"userName\":\"a\",\"password\":\"a\",\"clientAddress\":\"\"}", "clientAddress is not an IP address")]
    [InlineData("{\"clientAddress\":\"::1\",\"clientAddress\":\"::1\"}", "clientAddress is given twice")]
    public void What_is_wrong_is_told_in_one_line(string body, string expected)
    {
        Assert.Null(ValidationRequest.Read(Encoding.UTF8.GetBytes(body), out var fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("2001:0DB8:0:0:0:0:0:7", "2001:db8::7")]
    [InlineData("::ffff:192.0.2.7", "::ffff:192.0.2.7")]
    [InlineData("1", null)]
    [InlineData("192.0.2", null)]
    [InlineData("192.0.2.07", null)]
    [InlineData("0x7f.0.0.1", null)]
    [InlineData("192.0.2.7:443", null)]
    [InlineData("[2001:db8::7]", null)]
    [InlineData("[2001:db8::7]:443", null)]
    [InlineData("fe80::1%eth0", null)]
    [InlineData(" 192.0.2.7", null)]
    [InlineData("gateway.example", null)]
    [InlineData("0000:0000:0000:0000:0000:0000:0000:0000:192.0.2.7", null)]
    public void A_client_s_address_is_one_as_people_write_them(string text, string? read)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { userName = "a", password = "b", clientAddress = text });
        using var request = ValidationRequest.Read(body, out var fault);
        Assert.Equal(read, request?.ClientAddress?.ToString());
        Assert.Equal(read is null ? "clientAddress is not an IP address" : "", fault);
    }

    [Fact]
    public void A_password_may_be_as_long_as_one_can_be_and_no_longer()
    {
        using var longest = Read(new string('x', TypedPassword.MaxBytes), out var none);
        Assert.Equal("", none);
        Assert.Equal(TypedPassword.MaxBytes, longest!.Password.Length);
        Assert.Null(Read(new string('x', TypedPassword.MaxBytes + 1), out var fault));
        Assert.Equal("password is longer than 768 bytes of UTF-8", fault);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        byte[] body = [.. "{\"userName\":\"a\",\"password\":\""u8, 0xff, 0xfe, .. "\"}"u8];
        Assert.Null(ValidationRequest.Read(body, out var fault));
        Assert.Equal("the body is not valid JSON in UTF-8", fault);
    }

    [Fact]
    public void Whatever_bytes_come_nothing_is_thrown_and_no_password_is_told()
    {
        var good = "{\"userName\":\"anna@corp.example\",\"password\":\"Kanarienvogel\"}"u8.ToArray();
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var body = good[..length];
            if (at < length)
            {
                body[at] = value;
            }

            using var request = ValidationRequest.Read(body, out var fault);
            Assert.True(request is null == fault.Length > 0);
            Assert.DoesNotContain("Kanarien", fault, StringComparison.Ordinal);
        });
    }

    private static ValidationRequest? Read(string password, out string fault) =>
        ValidationRequest.Read(JsonSerializer.SerializeToUtf8Bytes(new { userName = "a", password }), out fault);

    /// <summary>No half of a surrogate pair: a serializer would write another character for it.</summary>
    private static bool IsText(string text) => text.EnumerateRunes().All(r => r != Rune.ReplacementChar);
}
