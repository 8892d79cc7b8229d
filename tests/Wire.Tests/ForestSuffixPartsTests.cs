using CsCheck;
using Google.Protobuf;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests;

public sealed class ForestSuffixPartsTests
{
    /// <summary>As the gateway's and the agent's gRPC.</summary>
    private const int MaxMessage = 64 * 1024;

    [Theory, InlineData(0), InlineData(1), InlineData(200), InlineData(201), InlineData(900), InlineData(2_000)]
    public void Every_part_fits_the_stream_and_all_come_back(int count)
    {
        var names = Enumerable.Range(0, count).Select(i => $"{i}.".PadRight(ForestSuffixParts.MaxName, 'x')).ToList();
        var parts = ForestSuffixParts.Split("corp.example", 7, names).ToList();
        Assert.All(parts, part => Assert.InRange(new FromAgent { ForestSuffixes = part }.CalculateSize(), 1, MaxMessage));
        var reader = new ForestSuffixReader();
        IReadOnlyList<string>? read = null;
        foreach (var part in parts)
        {
            Assert.Null(read);
            Assert.True(reader.TryAdd(part, out read));
        }

        Assert.Equal(names, read);
    }

    [Fact]
    public void What_goes_beyond_the_limits_is_not_sent()
    {
        var names = Enumerable.Range(0, 3_000).Select(i => $"{i}.example").Prepend(new string('x', ForestSuffixParts.MaxName + 1));
        Assert.Equal(ForestSuffixParts.MaxNames, ForestSuffixParts.Split("corp.example", 1, names).Sum(part => part.Names.Count));
    }

    [Fact]
    public void Parts_of_two_forests_may_mix_and_a_first_part_begins_anew()
    {
        var reader = new ForestSuffixReader();
        var (corp, fab) = (Parts("corp.example", 1), Parts("fabrikam.test", 5));
        Assert.True(reader.TryAdd(corp[0], out _) && reader.TryAdd(fab[0], out _) && reader.TryAdd(Parts("corp.example", 2)[0], out _));
        Assert.True(reader.TryAdd(fab[1], out var read));
        Assert.Equal(300, read!.Count);
        Assert.False(reader.TryAdd(corp[1], out _));
    }

    [Fact]
    public void Whatever_parts_come_no_more_is_kept_than_the_limit()
    {
        var part = Gen.Select(
            Gen.Int[0, 30].Select(i => $"f{i}"), Gen.ULong[0, 1], Gen.UInt[0, 12], Gen.Bool, Gen.Int[0, ForestSuffixParts.MaxNamesInPart + 1]);
        part.Array[0, 60].Sample(
            parts =>
            {
                var reader = new ForestSuffixReader();
                foreach (var (forest, version, number, more, count) in parts)
                {
                    var isRead = reader.TryAdd(
                        new ForestSuffixes { Forest = forest, Version = version, Part = number, More = more, Names = { Enumerable.Repeat("a.b", count) } },
                        out var names);
                    Assert.True(isRead || names is null);
                    Assert.InRange(names?.Count ?? 0, 0, ForestSuffixParts.MaxNames);
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void Mutated_messages_are_read_or_refused_and_never_more()
    {
        var original = new FromAgent { ForestSuffixes = Parts("corp.example", 1)[1] }.ToByteArray();
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte).Array[1, 8].Sample(
            changes =>
            {
                var mutated = (byte[])original.Clone();
                Array.ForEach(changes, change => mutated[change.Item1] = change.Item2);
                try
                {
                    var message = FromAgent.Parser.ParseFrom(mutated);
                    if (message.ForestSuffixes is { } part && new ForestSuffixReader().TryAdd(part, out var names))
                    {
                        Assert.InRange(names?.Count ?? 0, 0, ForestSuffixParts.MaxNamesInPart);
                    }
                }
                catch (InvalidProtocolBufferException)
                {
                    // As a stream's end: what cannot be parsed is no message.
                }
            },
            iter: 5_000);
    }

    private static List<ForestSuffixes> Parts(string forest, ulong version) =>
        [.. ForestSuffixParts.Split(forest, version, Enumerable.Range(0, 300).Select(i => $"{i}.example"))];
}
