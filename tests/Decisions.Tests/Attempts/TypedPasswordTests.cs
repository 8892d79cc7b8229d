using System.Text;
using System.Text.Json;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class TypedPasswordTests
{
    public static TheoryData<byte[], PasswordFault> Bytes => new()
    {
        { [], PasswordFault.Empty },
        { "a"u8.ToArray(), PasswordFault.None },
        { " "u8.ToArray(), PasswordFault.None },
        { "Пароль-Ünïcödé-1"u8.ToArray(), PasswordFault.None },
        { "\0"u8.ToArray(), PasswordFault.ContainsNul },
        { "right\0anything"u8.ToArray(), PasswordFault.ContainsNul },
        { [0xC3], PasswordFault.NotUnicode },
        { [0xED, 0xA0, 0x80], PasswordFault.NotUnicode },
        { [0xC0, 0x80], PasswordFault.NotUnicode },
        { new byte[TypedPassword.MaxBytes].Select(_ => (byte)'x').ToArray(), PasswordFault.None },
        { new byte[TypedPassword.MaxBytes + 1].Select(_ => (byte)'x').ToArray(), PasswordFault.TooLong },
    };

    [Theory, MemberData(nameof(Bytes))]
    public void What_must_never_reach_a_domain_controller_is_refused(byte[] utf8, PasswordFault expected)
    {
        Assert.Equal(expected, TypedPassword.TryCreate(utf8, out var password));
        Assert.Equal(expected == PasswordFault.None, password is not null);
    }

    [Theory]
    [InlineData("", PasswordFault.Empty)]
    [InlineData("right\0x", PasswordFault.ContainsNul)]
    [InlineData("Passw0rd-1234", PasswordFault.None)]
    public void Text_is_judged_as_its_bytes_are(string text, PasswordFault expected) =>
        Assert.Equal(expected, TypedPassword.TryCreate(text, out _));

    /// <remarks>A fact of its own: the test runner cannot carry a lone surrogate as an argument.</remarks>
    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Equal(PasswordFault.NotUnicode, TypedPassword.TryCreate("pass\uD800word", out _));

    [Theory, InlineData(256, PasswordFault.None), InlineData(257, PasswordFault.TooLong)]
    public void The_longest_password_of_the_directory_fits_in_the_script_that_needs_most_bytes(int length, PasswordFault expected) =>
        Assert.Equal(expected, TypedPassword.TryCreate(new string('密', length), out _));

    [Fact]
    public void It_reveals_exactly_what_was_typed()
    {
        TypedPassword.TryCreate("  Ünï 1  ", out var password);
        Assert.Equal("  Ünï 1  ", password!.Reveal(0, (_, utf8) => Encoding.UTF8.GetString(utf8)));
    }

    [Fact]
    public void It_cannot_be_printed_or_serialized()
    {
        TypedPassword.TryCreate("canary-1234", out var password);
        Assert.Equal("[password]", $"{password}");
        Assert.DoesNotContain("canary", JsonSerializer.Serialize(password), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_after_it_was_disposed_of()
    {
        TypedPassword.TryCreate("canary-1234", out var password);
        password!.Dispose();
        password.Dispose();
        Assert.Throws<ObjectDisposedException>(() => password.Reveal(0, (_, utf8) => utf8.Length));
    }
}
