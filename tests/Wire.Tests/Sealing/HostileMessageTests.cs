using CsCheck;
using Google.Protobuf;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>What an attacker who owns the stream could send: nothing opens, nothing throws, little is allocated.</summary>
public sealed class HostileMessageTests : IDisposable
{
    /// <summary>Per message, and also what remains of a thrown authentication fault.</summary>
    private const long MostBytesAllocated = 32 * 1024;

    private readonly Rig _rig = new();

    [Fact]
    public void Mutations_of_a_message_open_nothing_that_was_not_sealed_so()
    {
        using var attempt = Rig.Seal();
        var message = _rig.Message(attempt);
        var header = message.Header;
        var original = message.ToByteArray();
        using var otherSession = new Session(_rig);

        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte, Gen.Int[0, 3], Gen.Byte.Array[0, 40]).Sample(
            (position, value, kind, insert) =>
            {
                byte[] mutated = kind switch
                {
                    0 => [.. original.AsSpan(0, position), value, .. original.AsSpan(position + 1)],
                    1 => original[..position],
                    2 => [.. original.AsSpan(0, position), .. insert, .. original.AsSpan(position)],
                    _ => [.. original, .. insert],
                };
                if (!TryParse(mutated, out var parsed))
                {
                    return;
                }

                var fault = otherSession.Receiver.TryUnwrap(parsed!, Rig.Start, out var opened);
                Assert.NotEqual(UnwrapFault.None, fault);
                Assert.Null(opened);

                // In the session that it was sealed in, it opens only with the header as it was.
                if (_rig.Receiver.TryUnwrap(parsed!, Rig.Start, out opened) == UnwrapFault.None)
                {
                    Assert.Equal(header, parsed!.Header);
                    opened!.TryOpenPassword(_ => true, out _);
                    opened.Dispose();
                }
            },
            iter: 3_000,
            threads: 1);
    }

    [Fact]
    public void Random_fields_open_nothing_and_allocate_little()
    {
        var id = _rig.Sender.Announcement.SessionId;
        var sizes = Gen.OneOf(Gen.Int[0, 200], Gen.Int[0, 2_000], Gen.Int[40, 50]);
        var bytes = sizes.SelectMany(size => Gen.Byte.Array[size]).Select(ByteString.CopyFrom);
        var wrap = Gen.Select(
            Gen.OneOf(Gen.Const(id), bytes), Gen.OneOf(Gen.ULong, Gen.ULong[0, 1 << 20]), Gen.OneOf(bytes, Gen.Byte.Array[48].Select(ByteString.CopyFrom)),
            (session, counter, key) => new Wrap { SessionId = session, Counter = counter, WrappedKey = key });
        var password = Gen.OneOf(bytes, Gen.Byte.Array[144].Select(ByteString.CopyFrom));

        Gen.Select(bytes, password, wrap.Array[0, 4], Gen.UInt).Sample(
            (header, sealedPassword, wraps, remaining) =>
            {
                var message = new Attempt { Header = header, SealedPassword = sealedPassword, RemainingMs = remaining };
                message.Wraps.AddRange(wraps);

                var before = GC.GetAllocatedBytesForCurrentThread();
                var fault = _rig.Receiver.TryUnwrap(message, Rig.Start, out var opened);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.NotEqual(UnwrapFault.None, fault);
                Assert.Null(opened);
                Assert.InRange(allocated, 0, MostBytesAllocated);
            },
            iter: 5_000,
            threads: 1);
    }

    [Theory]
    [InlineData(0, UnwrapFault.Malformed)]
    [InlineData(1, UnwrapFault.None)]
    [InlineData(SealingLimits.MaxWraps, UnwrapFault.None)]
    [InlineData(SealingLimits.MaxWraps + 1, UnwrapFault.Malformed)]
    public void An_attempt_has_1_to_256_wraps(int count, UnwrapFault expected)
    {
        using var attempt = Rig.Seal();
        var message = _rig.Message(attempt);
        var own = message.Wraps[0];
        message.Wraps.Clear();
        for (var i = 1; i < count; i++)
        {
            message.Wraps.Add(new Wrap(own) { SessionId = ByteString.CopyFrom(BitConverter.GetBytes((long)i)) });
        }

        if (count > 0)
        {
            message.Wraps.Add(own);
        }

        Assert.Equal(expected, _rig.Fault(message));
    }

    [Theory]
    [InlineData("header", 0)]
    [InlineData("header", SealingLimits.MaxHeaderBytes + 1)]
    [InlineData("sealed_password", 0)]
    [InlineData("sealed_password", 143)]
    [InlineData("sealed_password", 145)]
    [InlineData("sealed_password", 16)]
    [InlineData("sealed_password", 60_000)]
    public void A_part_of_another_length_is_refused_before_any_key_is_used(string field, int length)
    {
        using var attempt = Rig.Seal();
        var message = _rig.Message(attempt);
        Attempt.Descriptor.FindFieldByName(field).Accessor.SetValue(message, ByteString.CopyFrom(new byte[length]));
        Assert.Equal(UnwrapFault.Malformed, _rig.Fault(message));
    }

    [Fact]
    public void A_password_that_is_padded_otherwise_is_refused_even_if_it_is_authentic()
    {
        var header = Rig.Header().Encode();
        var key = new byte[32];
        void AssertOpens(bool expected, int size, params (int Position, byte Value)[] content)
        {
            var padded = new byte[size];
            foreach (var (position, value) in content)
            {
                padded[position] = value;
            }

            var sealedText = new byte[size + 16];
            using var aes = new System.Security.Cryptography.AesGcm(key, 16);
            aes.Encrypt(new byte[12], padded, sealedText.AsSpan(0, size), sealedText.AsSpan(size), header);
            Assert.Equal(expected, PasswordSeal.TryOpen(sealedText, key, header, _ => true, out _));
        }

        AssertOpens(true, 128, (1, 1), (2, 0x70));
        AssertOpens(false, 128); // no password
        AssertOpens(false, 128, (1, 1), (2, 0x70), (127, 1)); // something behind it
        AssertOpens(false, 128, (1, 127)); // longer than the place
        AssertOpens(false, 128, (0, 0xff), (1, 0xff));
        AssertOpens(false, 256, (1, 1), (2, 0x70)); // a larger class than it needs
        AssertOpens(false, 1024, (0, 3), (1, 1)); // 769 bytes
        AssertOpens(true, 1024, (0, 3), (1, 0)); // 768 bytes
    }

    public void Dispose() => _rig.Dispose();

    private static bool TryParse(byte[] bytes, out Attempt? message)
    {
        try
        {
            message = Attempt.Parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            // The stream's framework refuses it before we see it.
            message = null;
            return false;
        }
    }

    /// <summary>Another session to the same key.</summary>
    private sealed class Session : IDisposable
    {
        private readonly AgentSealingKey _key;

        public Session(Rig rig)
        {
            _key = AgentSealingKey.Create(rig.Agent, Rig.Start);
            SealingSessionSender.TryOpen(_key.Offer(rig.CertificateKey), rig.Agent, rig.CertificateKey, Rig.Start, out var sender);

            // Under the id of the rig's own session, so that its wraps are tried with the wrong key.
            var announcement = new SealingSession(sender!.Announcement) { SessionId = rig.Sender.Announcement.SessionId };
            sender.Dispose();
            Assert.Equal(SessionFault.None, _key.TryAccept(announcement, Rig.Start, out var receiver));
            Receiver = receiver!;
        }

        public SealingSessionReceiver Receiver { get; }

        public void Dispose()
        {
            Receiver.Dispose();
            _key.Dispose();
        }
    }
}
