using System.Diagnostics;
using System.Globalization;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Tests.Support;
using Xunit.Abstractions;

namespace Passthrough.Directories.Tests.Ldap;

/// <summary>A million wrong answers: no hang, no crash, no memory. A failing run is repeated with its seed in
/// PASSTHROUGH_FUZZ_SEED.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int ParsedMessages = 1_000_000, LiveConnections = 20_000;

    [Fact]
    public void A_million_mutated_answers_are_read_or_refused_without_exception_and_within_their_memory()
    {
        var seed = Seed();
        var mutator = new Mutator(seed);
        long complete = 0, understood = 0, mostPerByte = 0;
        for (var round = 0; round < ParsedMessages; round++)
        {
            var bytes = mutator.Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var (frames, read) = ReadAll(bytes);
                complete += frames;
                understood += read;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {Convert.ToHexString(bytes)}: {e}");
            }

            var perByte = (GC.GetAllocatedBytesForCurrentThread() - before - FixedCost) / bytes.Length.AtLeast(1);
            if (perByte >= 100)
            {
                // Now and then the runtime itself allocates on this thread; the same bytes again tell whose it was.
                before = GC.GetAllocatedBytesForCurrentThread();
                ReadAll(bytes);
                perByte = (GC.GetAllocatedBytesForCurrentThread() - before - FixedCost) / bytes.Length.AtLeast(1);
            }

            mostPerByte = Math.Max(mostPerByte, perByte);
            Assert.True(perByte < 100, $"seed {seed}, round {round}: {perByte} bytes for each byte of {Convert.ToHexString(bytes)}");
        }

        output.WriteLine($"seed {seed}: {complete} whole messages, {understood} understood, at most {mostPerByte} bytes per byte");
        Assert.True(complete > ParsedMessages / 10, $"seed {seed}: the mutations are too wild to test anything");
        Assert.True(understood > ParsedMessages / 20, $"seed {seed}: the mutations are too wild to test anything");
    }

    [Fact]
    public async Task Mutated_answers_on_a_connection_end_each_operation_with_an_answer_or_the_named_fault()
    {
        var seed = Seed();
        var mutator = new Mutator(seed);
        var (answered, faulted) = (0, 0);
        using var password = Peer.Password();
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < LiveConnections; round++)
        {
            var bytes = mutator.Next();
            await using var peer = new Peer();
            var operation = Begin(peer, round, password);
            await peer.SendAsync(bytes);
            peer.Close();
            try
            {
                await operation.WaitAsync(TimeSpan.FromSeconds(30));
                answered++;
            }
            catch (LdapException)
            {
                faulted++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {Convert.ToHexString(bytes)}: {e}");
            }

            await peer.Connection.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        }

        output.WriteLine($"seed {seed}: {answered} answered, {faulted} faulted, {clock.ElapsedMilliseconds} ms");
        Assert.True(answered > LiveConnections / 100, $"seed {seed}: the mutations are too wild to test anything");
    }

    // The buffer of a connection and its object: the same for every message.
    private const int FixedCost = 4_096 + 1_024;

    private static (int Complete, int Understood) ReadAll(byte[] bytes)
    {
        var (buffer, at, complete, understood) = (new MessageBuffer(), 0, 0, 0);
        while (true)
        {
            switch (buffer.TryTake(out var frame))
            {
                case Framing.Malformed:
                    return (complete, understood);
                case Framing.Complete:
                    complete++;
                    understood += LdapMessage.TryRead(frame, out var message) ? ReadBody(message.Body) : 0;
                    continue;
            }

            if (at == bytes.Length)
            {
                return (complete, understood);
            }

            var room = buffer.Room().Span;
            var count = Math.Min(room.Length, bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(room);
            buffer.Add(count);
            at += count;
        }
    }

    // Every reader sees every body, whatever the operation says.
    private static int ReadBody(ReadOnlySpan<byte> body)
    {
        var cursor = new BerCursor(body);
        var isResult = LdapResult.TryRead(ref cursor, out _);
        var isExtended = ExtendedResult.Read(body) is not null;
        var entry = SearchEntry.Read(body);
        _ = entry?.FirstText("currentTime");
        return isResult || isExtended || entry is not null ? 1 : 0;
    }

    private static Task Begin(Peer peer, int round, Decisions.Attempts.TypedPassword password) => (round % 3) switch
    {
        0 => peer.Connection.BindAsync("CN=alice", password, CancellationToken.None),
        1 => peer.Connection.SearchAsync(Peer.AnySearch(), CancellationToken.None),
        _ => peer.Connection.ExtendedAsync(new ExtendedRequest("1.2.3"), CancellationToken.None),
    };

    private static int Seed() =>
        int.TryParse(Environment.GetEnvironmentVariable("PASSTHROUGH_FUZZ_SEED"), CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Random.Shared.Next();
}

file static class Numbers
{
    public static int AtLeast(this int number, int least) => Math.Max(number, least);
}
