using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>The only way to the directory. It notes every simple bind before the directory gets it, with name and password as they were sent,
/// and what the directory said.</summary>
internal sealed class DirectoryRelay(IPEndPoint listen, EndPoint directory) : Relay(listen, directory)
{
    private static readonly Asn1Tag BindRequest = new(TagClass.Application, 0, isConstructed: true);
    private static readonly Asn1Tag BindResponse = new(TagClass.Application, 1, isConstructed: true);
    private static readonly Asn1Tag Simple = new(TagClass.ContextSpecific, 0);

    private readonly ConcurrentQueue<SeenBind> _binds = new();
    private readonly ConditionalWeakTable<object, Conversation> _conversations = [];

    public IReadOnlyCollection<SeenBind> Binds => _binds;

    protected override void Up(object connection, ReadOnlySpan<byte> bytes)
    {
        var conversation = _conversations.GetOrCreateValue(connection);
        foreach (var message in conversation.Up.Add(bytes))
        {
            var reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            var id = reader.ReadInteger();
            if (reader.PeekTag().HasSameClassAndValue(BindRequest))
            {
                var bind = reader.ReadSequence(BindRequest);
                bind.ReadInteger();
                var seen = new SeenBind(
                    Encoding.UTF8.GetString(bind.ReadOctetString()), Encoding.UTF8.GetString(bind.ReadOctetString(Simple)),
                    TimeProvider.System.GetUtcNow());
                conversation.Open[id] = seen;
                _binds.Enqueue(seen);
            }
        }
    }

    protected override void Down(object connection, ReadOnlySpan<byte> bytes)
    {
        var conversation = _conversations.GetOrCreateValue(connection);
        foreach (var message in conversation.Down.Add(bytes))
        {
            var reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            if (conversation.Open.TryRemove(reader.ReadInteger(), out var seen) && reader.PeekTag().HasSameClassAndValue(BindResponse))
            {
                var code = reader.ReadSequence(BindResponse).ReadEnumeratedBytes().Span[^1];
                seen.Answer = (code, TimeProvider.System.GetUtcNow());
            }
        }
    }

    private sealed class Conversation
    {
        public Messages Up { get; } = new();

        public Messages Down { get; } = new();

        public ConcurrentDictionary<System.Numerics.BigInteger, SeenBind> Open { get; } = [];
    }

    /// <summary>Bytes to whole messages (RFC 4511 5.1).</summary>
    private sealed class Messages
    {
        private byte[] _rest = [];

        public List<byte[]> Add(ReadOnlySpan<byte> bytes)
        {
            List<byte[]> whole = [];
            _rest = [.. _rest, .. bytes];
            while (Length(_rest) is { } length && length <= _rest.Length)
            {
                whole.Add(_rest[..length]);
                _rest = _rest[length..];
            }

            return whole;
        }

        /// <summary>Of the message that these begin with; null: too few to say.</summary>
        private static int? Length(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < 2)
            {
                return null;
            }

            if (bytes[1] < 0x80)
            {
                return 2 + bytes[1];
            }

            var octets = bytes[1] & 0x7F;
            if (bytes.Length < 2 + octets)
            {
                return null;
            }

            var length = 0;
            foreach (var octet in bytes[2..(2 + octets)])
            {
                length = (length << 8) | octet;
            }

            return 2 + octets + length;
        }
    }
}

/// <summary>A simple bind that was passed on to the directory.</summary>
internal sealed record SeenBind(string Name, string Password, DateTimeOffset At)
{
    /// <summary>The result code, and when; null: none yet.</summary>
    public (int Result, DateTimeOffset At)? Answer { get; set; }
}
