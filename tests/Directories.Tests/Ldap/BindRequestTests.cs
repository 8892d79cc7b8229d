using System.Text;
using CsCheck;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Ldap;

public sealed class BindRequestTests
{
    [Fact]
    public void The_bytes_are_those_of_RFC_4511()
    {
        var buffer = new byte[BindRequest.MaxBytes];
        var length = BindRequest.Write(1, "cn=a", "pw"u8, buffer);
        Assert.Equal("3012020101600D0201030404636E3D6180027077", Convert.ToHexString(buffer, 0, length));
    }

    [Theory, InlineData(1), InlineData(127), InlineData(128), InlineData(255), InlineData(256), InlineData(TypedPassword.MaxBytes)]
    public void Every_length_is_written_as_another_reader_reads_it(int passwordLength)
    {
        foreach (var id in new[] { 1, 127, 128, 32_767, 32_768, 8_388_607, 8_388_608, int.MaxValue })
        {
            foreach (var nameLength in new[] { 1, 127, 128, 255, 256, LdapLimits.MaxNameBytes })
            {
                AssertReadsBack(id, new string('n', nameLength), new string('p', passwordLength));
            }
        }
    }

    [Fact]
    public void Any_name_and_password_is_read_back_as_it_was() =>
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.String[1, 300], Gen.String[1, 200]).Sample((id, name, password) =>
        {
            if (!IsUnicode(name) || !IsUnicode(password) || password.Contains('\0', StringComparison.Ordinal))
            {
                return;
            }

            AssertReadsBack(id, name, password);
        });

    [Fact]
    public void An_empty_password_is_never_written() => AssertNeverWritten("cn=a", []);

    [Fact]
    public void A_password_with_NUL_is_never_written() => AssertNeverWritten("cn=a", "right\0anything"u8.ToArray());

    [Fact]
    public void A_password_that_is_too_long_is_never_written() => AssertNeverWritten("cn=a", new byte[TypedPassword.MaxBytes + 1]);

    [Fact]
    public void An_empty_name_is_never_written() => AssertNeverWritten("", "right"u8.ToArray());

    [Fact]
    public void A_name_that_is_too_long_is_never_written() =>
        AssertNeverWritten(new string('n', LdapLimits.MaxNameBytes + 1), "right"u8.ToArray());

    private static void AssertNeverWritten(string name, byte[] password)
    {
        var buffer = new byte[BindRequest.MaxBytes + 1_000];
        Assert.Throws<ArgumentException>(() => BindRequest.Write(1, name, password, buffer));
        Assert.All(buffer, each => Assert.Equal(0, each));
    }

    private static void AssertReadsBack(int id, string name, string password)
    {
        var buffer = new byte[BindRequest.MaxBytes];
        var length = BindRequest.Write(id, name, Encoding.UTF8.GetBytes(password), buffer);
        var question = Question.Read(buffer[..length]);
        Assert.Equal((id, Question.Bind), (question.Id, question.Operation));
        Assert.Equal((name, password), question.ReadBind());
    }

    private static bool IsUnicode(string text) => !text.Any(char.IsSurrogate);
}
