using System.Text;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Ldap;

public sealed class LdapMessageTests
{
    [Fact]
    public void A_message_is_found_at_its_last_byte_and_not_before()
    {
        var message = Answers.Bind(7, 49, Answers.WrongPassword);
        for (var length = 0; length < message.Length; length++)
        {
            Assert.Equal(Framing.Incomplete, LdapMessage.Measure(message.AsSpan(0, length), out _));
        }

        byte[] twice = [.. message, .. message];
        Assert.Equal(Framing.Complete, LdapMessage.Measure(twice, out var measured));
        Assert.Equal(message.Length, measured);
    }

    [Fact]
    public void The_largest_message_is_accepted_and_one_byte_more_is_not()
    {
        Assert.Equal(Framing.Incomplete, LdapMessage.Measure(Header(LdapLimits.MaxMessageBytes - 5), out var length));
        Assert.Equal(LdapLimits.MaxMessageBytes, length);
        Assert.Equal(Framing.Malformed, LdapMessage.Measure(Header(LdapLimits.MaxMessageBytes - 4), out _));
        Assert.Equal(Framing.Malformed, LdapMessage.Measure([0x30, 0x84, 0xff, 0xff, 0xff, 0xff], out _));
        Assert.Equal(Framing.Malformed, LdapMessage.Measure([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], out _));

        static byte[] Header(int content) => [0x30, 0x83, (byte)(content >> 16), (byte)(content >> 8), (byte)content];
    }

    [Theory]
    [InlineData("31", "another tag")]
    [InlineData("3080", "an indefinite length, which RFC 4511 5.1 forbids")]
    [InlineData("30850000000001", "a length of five bytes")]
    [InlineData("30FF0000000000", "a reserved length")]
    [InlineData("485454502F312E31", "HTTP/1.1")]
    [InlineData("15030300020228", "a TLS alert")]
    public void What_is_no_message_is_refused_at_its_header(string hex, string what) =>
        Assert.True(LdapMessage.Measure(Convert.FromHexString(hex), out _) == Framing.Malformed, what);

    [Fact]
    public void Lengths_in_the_long_form_are_read_as_Windows_writes_them()
    {
        // 84 00 00 00 xx at every level.
        // 30 84 00000010 | 02 01 05 | 61 84 00000007 | 0A 01 00 04 00 04 00
        var message = Convert.FromHexString("308400000010" + "020105" + "618400000007" + "0A010004000400");
        Assert.Equal(Framing.Complete, LdapMessage.Measure(message, out _));
        Assert.True(LdapMessage.TryRead(message, out var read));
        Assert.Equal((5, LdapMessage.BindResponse), (read.Id, read.Operation));
        var cursor = new BerCursor(read.Body);
        Assert.True(LdapResult.TryRead(ref cursor, out var result));
        Assert.True(result.IsSuccess);
    }

    [Fact]
    public void A_result_is_read_with_its_code_and_its_text()
    {
        Assert.True(LdapMessage.TryRead(Answers.Bind(300, 49, Answers.WrongPassword), out var message));
        var cursor = new BerCursor(message.Body);
        Assert.True(LdapResult.TryRead(ref cursor, out var result));
        Assert.Equal((300, 49, Answers.WrongPassword), (message.Id, result.Code, result.Diagnostic));
    }

    [Fact]
    public void A_long_text_is_cut_and_a_text_that_is_not_UTF_8_is_still_shown()
    {
        Assert.True(LdapMessage.TryRead(Answers.Bind(1, 49, new string('x', 5_000)), out var message));
        var cursor = new BerCursor(message.Body);
        Assert.True(LdapResult.TryRead(ref cursor, out var result));
        Assert.Equal(LdapLimits.MaxDiagnosticBytes, result.Diagnostic.Length);

        byte[] latin = [0x0A, 0x01, 0x31, 0x04, 0x00, 0x04, 0x02, 0xE4, 0x21];
        cursor = new BerCursor(latin);
        Assert.True(LdapResult.TryRead(ref cursor, out result));
        Assert.Equal("\uFFFD!", result.Diagnostic);
    }

    [Theory]
    [InlineData("3003020101", "no operation")]
    [InlineData("300502010104 00", "an operation that is not of class application")]
    [InlineData("30050201FF6100", "a negative id")]
    [InlineData("300402006100", "an id without digits")]
    [InlineData("30090205010000000061 00", "an id of five bytes")]
    [InlineData("300502010141 00", "an operation that is primitive")]
    public void What_breaks_the_outer_shape_is_refused(string hex, string what) =>
        Assert.False(LdapMessage.TryRead(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _), what);

    [Fact]
    public void An_entry_keeps_its_name_its_attributes_and_binary_values()
    {
        byte[] guid = [.. Enumerable.Range(0, 16).Select(each => (byte)(each * 16))];
        Assert.True(LdapMessage.TryRead(
            Answers.Entry(2, "CN=Ünal\\, Ève,DC=corp", ("objectGUID", [guid]), ("empty", []), ("two", ["a"u8.ToArray(), []])),
            out var message));
        var entry = SearchEntry.Read(message.Body)!;
        Assert.Equal("CN=Ünal\\, Ève,DC=corp", entry.DistinguishedName);
        Assert.Equal(guid, entry.First("OBJECTguid"));
        Assert.Null(entry.First("empty"));
        Assert.Null(entry.First("absent"));
        Assert.Equal(["a"u8.ToArray(), []], entry.Attributes[2].Values);
    }

    [Fact]
    public void An_entry_may_have_so_many_attributes_and_values_and_no_more()
    {
        Assert.NotNull(Read(Many(LdapLimits.MaxAttributes, 1)));
        Assert.Null(Read(Many(LdapLimits.MaxAttributes + 1, 1)));
        Assert.NotNull(Read(Many(1, LdapLimits.MaxValues)));
        Assert.Null(Read(Many(1, LdapLimits.MaxValues + 1)));

        static byte[] Many(int attributes, int values) => Answers.Entry(1, "CN=a",
            [.. Enumerable.Range(0, attributes).Select(each => ($"a{each}", Enumerable.Repeat(Array.Empty<byte>(), values).ToArray()))]);

        static SearchEntry? Read(byte[] bytes)
        {
            Assert.True(LdapMessage.TryRead(bytes, out var message));
            return SearchEntry.Read(message.Body);
        }
    }

    [Fact]
    public void An_entry_whose_name_is_not_UTF_8_is_refused()
    {
        var bytes = Answers.Entry(1, "CN=a");
        bytes[Array.IndexOf(bytes, (byte)'a')] = 0xE4;
        Assert.True(LdapMessage.TryRead(bytes, out var message));
        Assert.Null(SearchEntry.Read(message.Body));
    }

    [Fact]
    public void A_buffer_cuts_messages_however_they_come()
    {
        var first = Answers.Bind(1, 0);
        var second = Answers.Entry(2, "CN=a", ("x", [new byte[10_000]]));
        byte[] stream = [.. first, .. second, .. first];
        for (var piece = 1; piece < stream.Length; piece = piece * 3 / 2 + 1)
        {
            var (buffer, taken) = (new MessageBuffer(), new List<int>());
            for (var at = 0; at < stream.Length;)
            {
                var room = buffer.Room();
                Assert.False(room.IsEmpty);
                var count = Math.Min(Math.Min(piece, room.Length), stream.Length - at);
                stream.AsSpan(at, count).CopyTo(room.Span);
                buffer.Add(count);
                at += count;
                while (buffer.TryTake(out var message) == Framing.Complete)
                {
                    taken.Add(message.Length);
                }
            }

            Assert.Equal([first.Length, second.Length, first.Length], taken);
        }
    }

    [Fact]
    public void A_buffer_grows_only_as_bytes_come_and_gives_its_memory_back()
    {
        var buffer = new MessageBuffer();
        var huge = Answers.Entry(1, "CN=a", ("x", [new byte[LdapLimits.MaxMessageBytes - 100]]));
        huge.AsSpan(0, 10).CopyTo(buffer.Room().Span);
        buffer.Add(10);
        Assert.Equal(Framing.Incomplete, buffer.TryTake(out _));
        Assert.True(buffer.Capacity < 10_000, "an announced length is no reason to allocate");
        for (var at = 10; at < huge.Length;)
        {
            var room = buffer.Room();
            Assert.False(room.IsEmpty);
            var count = Math.Min(room.Length, huge.Length - at);
            huge.AsSpan(at, count).CopyTo(room.Span);
            buffer.Add(count);
            at += count;
            Assert.True(buffer.Capacity <= LdapLimits.MaxMessageBytes);
        }

        Assert.Equal(Framing.Complete, buffer.TryTake(out var message));
        Assert.True(message.SequenceEqual(huge));
        _ = buffer.Room();
        Assert.True(buffer.Capacity < 10_000);
    }

    [Fact]
    public void A_filter_holds_what_was_typed_as_one_value()
    {
        const string typed = "*)(objectClass=*)\\2a\0";
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.BER);
        LdapFilter.Equal("userPrincipalName", typed).Write(writer);
        var cursor = new BerCursor(writer.Encode());
        Assert.True(cursor.TryRead(out var tag, out var content));
        Assert.Equal(3, tag.TagValue);
        cursor = new BerCursor(content);
        Assert.True(cursor.TryReadOctets(out var attribute));
        Assert.True(cursor.TryReadOctets(out var value));
        Assert.True(cursor.IsAtEnd);
        Assert.Equal("userPrincipalName", Encoding.ASCII.GetString(attribute));
        Assert.Equal(typed, Encoding.UTF8.GetString(value));
    }
}
