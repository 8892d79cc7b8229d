using System.Net;
using System.Runtime.Serialization;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Tests.Lockout;

public sealed class LockoutMessageSerializerTests
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
    private static readonly AttemptId Attempt = new(Guid.Parse("01234567-89ab-7cde-8123-456789abcdef"));

    /// <summary>It asks the actor system for nothing.</summary>
    private readonly LockoutMessageSerializer _serializer = new(null!);

    private static readonly DigestKey Key = DigestKey.Of([.. Enumerable.Range(1, 32).Select(number => (byte)number)]);
    private static readonly PasswordDigest Digest = PasswordDigest.FromWire(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
    private static readonly ClientSource Phone = ClientSource.Of(IPAddress.Parse("203.0.113.9"), Anna.ObjectGuid);

    public static TheoryData<string, object> Messages => new()
    {
        { "ask/2", new AskPermit(Anna, Phone, Attempt, ulong.MaxValue) { Agent = "a1", PasswordSetAt = 133_000_000_000_000_000, IsCompared = true } },
        { "ask/2", new AskPermit(Anna, ClientSource.Nowhere, Attempt, 1) },
        { "settle/2", new SettlePermit(Anna, Attempt, 1, Settlement.Failed) { Wrong = new WrongPassword(Digest, long.MaxValue) } },
        { "settle/2", new SettlePermit(Anna, Attempt, 2, Settlement.Refunded) },
        { "settle/2", new SettlePermit(new AccountKey(new string('x', AccountKey.MaxForestBytes), Guid.Empty), Attempt, 3, Settlement.Succeeded) },
        { "repeat-wrong/1", new RepeatWrong(Anna, new WrongPassword(Digest, 0)) },
        { "unlock/2", new UnlockAccount(new AccountKey("bücher.example", Anna.ObjectGuid), "operator", "a reason, wörds") },
        { "granted/2", new Answer.Granted(7, TimeSpan.FromTicks(149_999_999), Key) },
        { "granted/2", new Answer.Granted(7, TimeSpan.FromTicks(149_999_999)) },
        { "compare-first/1", new Answer.CompareFirst(Key, [Digest]) },
        { "compare-first/1", new Answer.CompareFirst(Key, [Digest, default, Digest]) },
        { "locked/2", new Answer.Locked(new LockNotice(TimeSpan.Zero, TimeSpan.FromSeconds(60), [])) },
        { "locked/2", new Answer.Locked(new LockNotice(TimeSpan.FromHours(24), TimeSpan.Zero, [.. Enumerable.Range(1, 20).Select(n => (ulong)n)])) },
        { "too-many-open/1", new Answer.TooManyOpen() },
        { "settled/1", new Answer.Settled() },
        { "unlocked/1", new Answer.Unlocked() },
        { "beat/1", new LeaseKeeper.Beat(long.MaxValue, -7) },
        { "echo/1", new LeaseKeeper.Echo(1) },
    };

    [Theory, MemberData(nameof(Messages))]
    public void A_message_is_read_as_it_was_written(string manifest, object message)
    {
        Assert.Equal(manifest, _serializer.Manifest(message));
        AssertSame(message, _serializer.FromBinary(_serializer.ToBinary(message), manifest));
    }

    /// <summary>These bytes are what nodes of the release before send and expect.</summary>
    [Theory]
    [InlineData("ask/2", "FE0000" + "036131" + "67452301AB89DE7C8123456789ABCDEF" + "33221100554477668899AABBCCDDEEFF" + "0D636F72702E6578616D706C65" + "01000000" + "0F3230332E302E3131332E302F3234" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "0807060504030201")]
    [InlineData("settle/2", "FE0100" + "67452301AB89DE7C8123456789ABCDEF" + "0D636F72702E6578616D706C65" + "01000000" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "0807060504030201" + "33221100554477668899AABBCCDDEEFF")]
    [InlineData("unlock/2", "FE0200" + "036F70" + "0D636F72702E6578616D706C65" + "33221100554477668899AABBCCDDEEFF" + "04776879")]
    [InlineData("granted/2", "FE0300" + "0102030405060708090A0B0C0D0E0F10" + "1112131415161718191A1B1C1D1E1F20" + "80D1F00800000000" + "0807060504030201")]
    [InlineData("locked/2", "FE0400" + "0D41514944424155474277673D" + "0000000000000000" + "80D1F00800000000")]
    [InlineData("too-many-open/1", "FE0500")]
    [InlineData("settled/1", "FE0600")]
    [InlineData("unlocked/1", "FE0700")]
    [InlineData("repeat-wrong/1", "FE0800" + "0D636F72702E6578616D706C65" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "33221100554477668899AABBCCDDEEFF")]
    [InlineData("compare-first/1", "FE0900" + "01000000" + "33221100554477668899AABBCCDDEEFF" + "0102030405060708090A0B0C0D0E0F10" + "1112131415161718191A1B1C1D1E1F20" + "00000000000000000000000000000000" + "00000000000000000000000000000000")]
    [InlineData("beat/1", "FE0A00" + "05000000" + "0807060504030201")]
    [InlineData("echo/1", "FE0B00" + "0807060504030201")]
    public void The_bytes_of_a_message_never_change(string manifest, string hex)
    {
        object message = manifest switch
        {
            "ask/2" => new AskPermit(Anna, Phone, Attempt, 0x0102030405060708) { Agent = "a1", PasswordSetAt = 5, IsCompared = true },
            "settle/2" => new SettlePermit(Anna, Attempt, 0x0102030405060708, Settlement.Failed) { Wrong = new WrongPassword(Digest, 5) },
            "unlock/2" => new UnlockAccount(Anna, "op", "why"),
            "granted/2" => new Answer.Granted(0x0102030405060708, TimeSpan.FromSeconds(15), Key),
            "locked/2" => new Answer.Locked(new LockNotice(TimeSpan.Zero, TimeSpan.FromSeconds(15), [0x0102030405060708])),
            "repeat-wrong/1" => new RepeatWrong(Anna, new WrongPassword(Digest, 5)),
            "compare-first/1" => new Answer.CompareFirst(Key, [Digest]),
            "too-many-open/1" => new Answer.TooManyOpen(),
            "settled/1" => new Answer.Settled(),
            "beat/1" => new LeaseKeeper.Beat(0x0102030405060708, 5),
            "echo/1" => new LeaseKeeper.Echo(0x0102030405060708),
            _ => new Answer.Unlocked(),
        };

        Assert.Equal(hex, Convert.ToHexString(_serializer.ToBinary(message)));
        AssertSame(message, _serializer.FromBinary(Convert.FromHexString(hex), manifest));
    }

    private static void AssertSame(object expected, object actual)
    {
        switch (expected, actual)
        {
            case (Answer.Locked wanted, Answer.Locked read):
                Assert.Equal(wanted.Notice with { FamiliarSources = [] }, read.Notice with { FamiliarSources = [] });
                Assert.Equal(wanted.Notice.FamiliarSources.AsEnumerable(), read.Notice.FamiliarSources);
                break;
            case (Answer.CompareFirst wanted, Answer.CompareFirst read):
                Assert.Equal(wanted.Key, read.Key);
                Assert.Equal(wanted.Wrong.AsEnumerable(), read.Wrong);
                break;
            default:
                Assert.Equal(expected, actual);
                break;
        }
    }

    [Fact]
    public void Every_type_of_the_protocol_that_crosses_has_a_form_and_every_form_a_message() =>
        Assert.Equal(LockoutWire.Types.Count, Messages.Select(row => row[0]).Distinct().Count());

    [Theory]
    [MemberData(nameof(Foreign))]
    public void A_foreign_type_is_not_written(object foreign)
    {
        Assert.Throws<SerializationException>(() => _serializer.Manifest(foreign));
        Assert.Throws<SerializationException>(() => _serializer.ToBinary(foreign));
    }

    public static TheoryData<object> Foreign => [new UriBuilder(), "text", new RetireAccount(Anna), new Answer.Retired(), AccountState.Clean];

    [Theory]
    [InlineData("")]
    [InlineData("ask/1")]
    [InlineData("ask/3")]
    [InlineData("System.UriBuilder, System.Private.Uri")]
    public void A_foreign_manifest_is_not_read(string manifest) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(Ask(), manifest));

    [Theory]
    [InlineData("unlock/2", "FE0000")]
    [InlineData("settled/1", "FE0700")]
    [InlineData("settled/1", "FE06")]
    [InlineData("settled/1", "FE060000")]
    [InlineData("settled/1", "00")]
    [InlineData("settled/1", "")]
    public void One_message_in_the_name_of_another_is_not_read(string manifest, string hex) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(Convert.FromHexString(hex), manifest));

    /// <summary>Hyperion itself allocates what these lengths claim.</summary>
    [Theory]
    [InlineData("repeat-wrong/1", "FE0800" + "FF" + "FFFFFF7F")]
    [InlineData("repeat-wrong/1", "FE0800" + "FE")]
    [InlineData("settled/1", "07" + "FFFFFF7F")]
    [InlineData("settled/1", "FF" + "FFFFFF7F")]
    [InlineData("settled/1", "FD" + "FFFFFF7F")]
    [InlineData("settled/1", "09" + "FFFFFF7F")]
    public void A_length_that_lies_is_refused_before_anything_is_allocated(string manifest, string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(bytes, manifest));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<SerializationException>(() => _serializer.FromBinary(bytes, manifest));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData("granted/2", "FE0300" + "00000000000000000000000000000000" + "00000000000000000000000000000000" + "80D1F00800000000" + "0000000000000000", "permit")]
    [InlineData("granted/2", "FE0300" + "00000000000000000000000000000000" + "00000000000000000000000000000000" + "FFFFFFFFFFFFFFFF" + "0100000000000000", "duration")]
    [InlineData("granted/2", "FE0300" + "00000000000000000000000000000000" + "00000000000000000000000000000000" + "FFFFFFFFFFFFFF7F" + "0100000000000000", "duration")]
    [InlineData("locked/2", "FE0400" + "01" + "0000000000000000" + "FFFFFFFFFFFFFF7F", "duration")]
    [InlineData("locked/2", "FE0400" + "0541414141" + "0000000000000000" + "0000000000000000", "list of sources")]
    [InlineData("locked/2", "FE0400" + "022D" + "0000000000000000" + "0000000000000000", "list of sources")]
    [InlineData("repeat-wrong/1", "FE0800" + "0120" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "33221100554477668899AABBCCDDEEFF", "")]
    [InlineData("repeat-wrong/1", "FE0800" + "0220" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "33221100554477668899AABBCCDDEEFF", "forest")]
    [InlineData("repeat-wrong/1", "FE0800" + "02FF" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "33221100554477668899AABBCCDDEEFF", "forest")]
    [InlineData("unlock/2", "FE0200" + "020A" + "0261" + "33221100554477668899AABBCCDDEEFF" + "0261", "text")]
    public void A_value_that_cannot_be_is_refused(string manifest, string hex, string what)
    {
        var refusal = Assert.Throws<SerializationException>(() => _serializer.FromBinary(Convert.FromHexString(hex), manifest));

        Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_mutation_makes_anything_but_the_message_that_was_named()
    {
        const int seed = 20260101;
        var random = new Random(seed);
        var samples = Messages.Select(row => (Manifest: (string)row[0], Bytes: _serializer.ToBinary(row[1]), Type: row[1].GetType())).ToArray();
        var read = 0;
        for (var round = 0; round < 100_000; round++)
        {
            var (manifest, bytes, type) = samples[random.Next(samples.Length)];
            var mutated = Mutate(random, bytes);
            try
            {
                var message = _serializer.FromBinary(mutated, manifest);
                Assert.True(message.GetType() == type, $"seed {seed}, round {round}: {message.GetType()} from {Convert.ToHexString(mutated)}");
                read++;
            }
            catch (SerializationException)
            {
                // Refused.
            }
        }

        Assert.InRange(read, 1_000, 99_000);
    }

    private byte[] Ask() => _serializer.ToBinary(new AskPermit(Anna, Phone, Attempt, 1));

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        List<byte> mutated = [.. bytes];
        for (var changes = random.Next(1, 4); changes > 0 && mutated.Count > 0; changes--)
        {
            var place = random.Next(mutated.Count);
            switch (random.Next(4))
            {
                case 0:
                    mutated[place] = (byte)random.Next(256);
                    break;
                case 1:
                    mutated[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    mutated.RemoveAt(place);
                    break;
                default:
                    mutated.Insert(place, (byte)random.Next(256));
                    break;
            }
        }

        return [.. mutated];
    }
}
