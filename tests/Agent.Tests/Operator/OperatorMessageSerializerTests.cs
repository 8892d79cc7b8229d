using System.Runtime.Serialization;
using Passthrough.Agent.Operator;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;
using static Passthrough.Agent.Operator.OperatorProtocol;
using Form = Passthrough.Agent.Operator.Form;

namespace Passthrough.Agent.Tests.Operator;

public sealed class OperatorMessageSerializerTests
{
    private const int MostAllocated = 256 * 1024, Frame = 128 * 1024;

    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ClassStanding Class = new(10, 10, 1, 0, 2, Now.AddMinutes(1), 1, Now);

    /// <summary>It asks the actor system for nothing.</summary>
    private readonly OperatorMessageSerializer _serializer = new(null!);

    private static IEnumerable<(string Manifest, object Message)> Messages =>
    [
        ("run/1", new RunHere(["account", "show", "anna@corp.example"], new OperatorCaller("uid 0 (carol)", OperatorRole.Operate), 7)),
        ("run/1", new RunHere([], new OperatorCaller("", OperatorRole.Read), 0)),
        ("ran/1", new RanHere("agent-1", CommandStep.Of(["dc1", "ready", "12.5"], ["dc2", "no answer", ""]) with { Cursor = long.MaxValue, Progress = "p", IsDone = false })),
        ("ran/1", new RanHere("agent-1", CommandStep.Said("bücher"), OperatorRefusal.NotThisNode, "another")),
        ("ask-standing/1", new AskStanding(Anna)),
        ("standing/1", new Standing("agent-1", "", new AccountStanding([Class, Class with { LockedUntil = null, LastFailedAt = null }], 3))),
    ];

    [Fact]
    public void A_message_is_read_as_it_was_written() => Assert.All(Messages, each =>
    {
        Assert.Equal(each.Manifest, _serializer.Manifest(each.Message));
        var bytes = _serializer.ToBinary(each.Message);
        var read = _serializer.FromBinary(bytes, each.Manifest);
        Assert.Equal(each.Message.GetType(), read.GetType());
        Assert.Equal(bytes, _serializer.ToBinary(read));
    });

    [Fact]
    public void Every_message_of_the_protocol_has_a_form() => Assert.Equal(
        typeof(OperatorProtocol).GetNestedTypes().Where(type => type.IsAssignableTo(typeof(IMessage)) && type.IsClass).ToHashSet(),
        Messages.Select(each => each.Message.GetType()).ToHashSet());

    [Theory, InlineData(""), InlineData("run/2"), InlineData("System.UriBuilder, System.Private.Uri")]
    public void A_foreign_manifest_is_not_read(string manifest) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary([], manifest));

    [Fact]
    public void A_foreign_type_is_not_written() => Assert.Throws<SerializationException>(() => _serializer.ToBinary(new UriBuilder()));

    [Fact]
    public void A_value_that_cannot_be_is_refused()
    {
        Refused("text", "run/1", new Form.RunHere { Words = { "a\nb" } });
        Refused("text", "run/1", new Form.RunHere { Caller = "\u001b[2J" });
        Refused("text", "ran/1", new Form.RanHere { Note = new string('x', 2_049) });
        Refused("words", "run/1", new Form.RunHere { Words = { Enumerable.Repeat("x", CommandLine.MaxWords + 1) } });
        Refused("cursor", "run/1", new Form.RunHere { Cursor = -1 });
        Refused("cursor", "ran/1", new Form.RanHere { Cursor = long.MinValue });
        Refused("refusal", "ran/1", new Form.RanHere { Refusal = 99 });
        Refused("refusal", "ran/1", new Form.RanHere { Refusal = int.MinValue });
        Refused("rows", "ran/1", new Form.RanHere { Rows = { Enumerable.Repeat(new Form.Row(), CommandHandler.MaxRows + 1) } });
        Refused("rows", "ran/1", new Form.RanHere { Rows = { new Form.Row { Values = { Enumerable.Repeat("x", 33) } } } });
        Refused("account", "ask-standing/1", new Form.AskStanding { Account = "anna" });
        Refused("classes", "standing/1", new Form.Standing { Classes = { new Form.ClassStanding() } });
        Refused("read", "standing/1", new Form.Standing { Classes = { new Form.ClassStanding { LockedUntilUnixMs = long.MaxValue }, new Form.ClassStanding() } });
    }

    /// <summary>Strings and rows whose lengths say more than there is, groups that never end, fields that nobody knows.</summary>
    [Theory]
    [InlineData("0AFFFFFFFF07")]
    [InlineData("0AFFFFFFFFFFFFFFFFFF01")]
    [InlineData("12FFFFFFFF07")]
    [InlineData("120A0AFFFFFFFF07")]
    [InlineData("0B0B0B0B0B0B0B0B")]
    [InlineData("00")]
    [InlineData("07")]
    public void A_length_that_lies_is_refused_before_anything_is_allocated(string hex) => Assert.All(Messages, each =>
    {
        Assert.IsType<SerializationException>(Read(each.Manifest, Convert.FromHexString(hex)));
    });

    [Fact]
    public void No_mutation_makes_anything_but_the_message_that_was_named()
    {
        const int seed = 20260404;
        var random = new Random(seed);
        var samples = Messages.Select(each => (each.Manifest, Bytes: _serializer.ToBinary(each.Message), Type: each.Message.GetType())).ToArray();
        var (read, refused) = (0, 0);
        for (var round = 0; round < 100_000; round++)
        {
            var (manifest, bytes, type) = samples[random.Next(samples.Length)];
            var hostile = round % 4 == 0 ? Garbage(random) : Mutate(random, bytes);
            var came = Read(manifest, hostile);
            Assert.True(
                came.GetType() == type || came is SerializationException, $"seed {seed}, round {round}: {came} from {manifest} {Convert.ToHexString(hostile)}");
            _ = came is SerializationException ? refused++ : read++;
        }

        Assert.True(read > 1_000 && refused > 1_000, $"{read} were read, {refused} refused");
    }

    /// <summary>As many things as fit what nodes send at once.</summary>
    [Fact]
    public void A_message_as_large_as_can_come_is_refused_without_much_being_allocated()
    {
        byte[] words = [.. Enumerable.Repeat(new byte[] { 0x0A, 0x00 }, Frame / 2).SelectMany(each => each)];
        byte[] rows = [.. Enumerable.Repeat(new byte[] { 0x12, 0x00 }, Frame / 2).SelectMany(each => each)];
        Assert.IsType<SerializationException>(Read("run/1", words, most: 40 * Frame));
        Assert.IsType<SerializationException>(Read("ran/1", rows, most: 80 * Frame));
    }

    /// <returns>The message, or what was thrown; the test fails if it took more than a little memory.</returns>
    private object Read(string manifest, byte[] bytes, int most = MostAllocated)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        object came;
        try
        {
            came = _serializer.FromBinary(bytes, manifest);
        }
#pragma warning disable CA1031 // Whatever it is, the test tells it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            came = e;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, most);
        return came;
    }

    private void Refused(string what, string manifest, Google.Protobuf.IMessage message)
    {
        var refusal = Assert.IsType<SerializationException>(Read(manifest, Google.Protobuf.MessageExtensions.ToByteArray(message), most: 40 * Frame));
        Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Garbage(Random random)
    {
        var bytes = new byte[random.Next(512)];
        random.NextBytes(bytes);
        return bytes;
    }

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
