using System.IO.Compression;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Google.Protobuf;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Wire.V1;
using Xunit.Abstractions;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Tests.Forests;

public sealed class ForestMessageSerializerTests : TestKit
{
    private const string Corp = "corp.example";
    private static readonly DateTimeOffset Since = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly ForestMessageSerializer _serializer;
    private readonly ITestOutputHelper _output;

    public ForestMessageSerializerTests(ITestOutputHelper output) =>
        (_serializer, _output) = (new ForestMessageSerializer((ExtendedActorSystem)Sys), output);

    private static readonly NodeView View = new(
        "7d0f43c6b2a94e15", "agent-1", true, 12, 1_760_000_000_000, [new("dc1.corp.example", true, 900, 2, true, false), new("dc2", false, 0, 0, false, true)]);

    private static readonly ForestNames Names = new(
        Corp, [new("corp.example", "corp"), new("child.corp.example", "")], ["contoso.com"],
        [
            new TrustedDomain("fabrikam.test", "fabrikam", 2, 3, 8,
            [
                new ForestTrustRecord.TopLevelName(0, Since, "fabrikam.test"),
                new ForestTrustRecord.TopLevelName(4, null, "shared.example"),
                new ForestTrustRecord.Exclusion(0, Since, "sub.fabrikam.test"),
                new ForestTrustRecord.DomainInformation(1, Since, "S-1-5-21-1-2-3", "fabrikam.test", "fabrikam"),
                new ForestTrustRecord.Other(0, null, 4, [1, 2, 3]),
            ]),
            new TrustedDomain("old.test", "", 1, 1, 0, null, new ForestTrustFault(17, "it ends early")),
        ]);

    private IReadOnlyList<object> Messages =>
    [
        new Register(Corp, View),
        new Register(Corp, View with { Reaches = false, Controllers = [] }),
        new Published(Corp, new ForestSnapshot(Names, 1_760_000_000_001, Since, "dc1.corp.example"), [new(View, TestActor, TimeSpan.FromSeconds(3))]),
        new Published(Corp, null, []),
        new ReadNames(Corp, 9),
        new NamesRead(Corp, 9, Names, "dc1.corp.example", ""),
        new NamesRead(Corp, 9, null, "", "nobody answers"),
        new Refresh(Corp),
        new Refreshed(7, "no node reaches it"),
        new TakeOver(new Attempt { Header = ByteString.CopyFromUtf8("header"), SealedPassword = ByteString.CopyFromUtf8("sealed"), RemainingMs = 7_000 }),
        new TakenOver(new FromAgent { Answer = new Answer { Verdict = 1 } }),
        new TakenOver(new FromAgent { NotAttempted = new NotAttempted { Reason = NotAttempted.Types.Reason.Busy } }),
        new TakenOver(null),
    ];

    [Fact]
    public void Every_message_comes_out_as_it_went_in()
    {
        Assert.Equal(typeof(ForestProtocol).GetNestedTypes().Count(type => type.IsAssignableTo(typeof(ForestProtocol.IMessage)) && !type.IsInterface),
            Messages.Select(message => message.GetType()).Distinct().Count());
        foreach (var message in Messages)
        {
            var bytes = _serializer.ToBinary(message);
            var read = _serializer.FromBinary(bytes, _serializer.Manifest(message));

            Assert.IsType(message.GetType(), read);
            Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(_serializer.ToBinary(read)));
        }
    }

    [Fact]
    public void Values_are_as_they_were()
    {
        var read = (Published)_serializer.FromBinary(_serializer.ToBinary(Messages[2]), "published/1");

        Assert.Equal((1_760_000_000_001, Since, "dc1.corp.example"), (read.Snapshot!.Version, read.Snapshot.ReadAt, read.Snapshot.ReadFrom));
        var node = Assert.Single(read.Nodes);
        Assert.Equal((TestActor, TimeSpan.FromSeconds(3), View.Agent, View.Load, View.Version), (node.Node, node.Age, node.View.Agent, node.View.Load, node.View.Version));
        Assert.Equal(View.Controllers.AsEnumerable(), node.View.Controllers);
        Assert.Equal(Names.Domains.AsEnumerable(), read.Snapshot.Domains);
        Assert.Equal(Names.Trusts[0].Information!.Value.Take(4), read.Snapshot.Names.Trusts[0].Information!.Value.Take(4));
        Assert.Equal(Names.Trusts[1] with { Information = null }, read.Snapshot.Names.Trusts[1]);
    }

    [Theory]
    [InlineData("register/2"), InlineData("Passthrough.Agent.Forests.Register"), InlineData("")]
    public void What_is_not_known_is_refused(string manifest)
    {
        Assert.Contains(manifest, Assert.Throws<SerializationException>(() => _serializer.FromBinary([], manifest)).Message, StringComparison.Ordinal);
        Assert.Throws<SerializationException>(() => _serializer.ToBinary("text"));
    }

    public static TheoryData<string, string> Impossible => new()
    {
        { "forest", "register" }, { "forest", "EXAMPLE.com" }, { "agent", "" }, { "controllers", "" }, { "node", "nowhere" }, { "text", "a\nb" },
        { "names", "another.example" }, { "reply", "hello" }, { "size", "" }, { "nodes", "" }, { "bomb", "" }, { "version", "" },
    };

    [Theory, MemberData(nameof(Impossible))]
    public void A_value_that_cannot_be_is_refused(string what, string value)
    {
        var view = new Agent.Forests.Form.NodeView { Agent = "a1" };
        var known = new Agent.Forests.Form.KnownNode { View = view, Node = "akka://test/user/x" };
        var (manifest, message) = what switch
        {
            "forest" => ("refresh/1", (Google.Protobuf.IMessage)new Agent.Forests.Form.Refresh { Forest = value }),
            "agent" => ("register/1", new Agent.Forests.Form.Register { Forest = Corp, View = new Agent.Forests.Form.NodeView { Agent = value } }),
            "controllers" => ("register/1", new Agent.Forests.Form.Register
            {
                Forest = Corp,
                View = new Agent.Forests.Form.NodeView { Agent = "a1", Controllers = { Enumerable.Repeat(new Agent.Forests.Form.ControllerView(), NodeView.MaxControllers + 1) } },
            }),
            "version" => ("register/1", new Agent.Forests.Form.Register { Forest = Corp, View = new Agent.Forests.Form.NodeView { Agent = "a1", Version = -1 } }),
            "text" => ("refreshed/1", new Agent.Forests.Form.Refreshed { Fault = value }),
            "node" => ("published/1", new Agent.Forests.Form.Published { Forest = Corp, Nodes = { new Agent.Forests.Form.KnownNode { View = view, Node = value } } }),
            "nodes" => ("published/1", new Agent.Forests.Form.Published { Forest = Corp, Nodes = { Enumerable.Repeat(known, NodeView.MaxNodes + 1) } }),
            "names" => ("names-read/1", new Agent.Forests.Form.NamesRead { Forest = value, Names = ForestNamesForm.Write(Names) }),
            "bomb" => ("names-read/1", new Agent.Forests.Form.NamesRead { Forest = Corp, Names = Bomb() }),
            "size" => ("take-over/1", new Agent.Forests.Form.TakeOver { Attempt = ByteString.CopyFrom(new byte[(64 * 1024) + 1]) }),
            _ => ("taken-over/1", new Agent.Forests.Form.TakenOver { Reply = new FromAgent { Hello = new Hello() }.ToByteString() }),
        };

        Assert.Throws<SerializationException>(() => _serializer.FromBinary(message.ToByteArray(), manifest));
    }

    /// <summary>What 200 domains, 500 suffixes and a trust with a forest of that size take.</summary>
    [Fact]
    public void A_large_forest_fits_into_one_message_with_all_the_nodes_there_may_be()
    {
        var large = Large(domains: 200, suffixes: 500);
        var view = new NodeView(
            new string('a', 32), new string('n', 63), true, 65_535, long.MaxValue,
            [.. Enumerable.Range(0, NodeView.MaxControllers).Select(i => new ControllerView($"{new string('d', 240)}{i}.example", true, int.MaxValue, 65_535, true, true))]);
        KnownNode[] nodes = [.. Enumerable.Range(0, NodeView.MaxNodes).Select(_ => new KnownNode(view, TestActor, TimeSpan.FromSeconds(14)))];

        Assert.Null(ForestNamesForm.Fault(large));
        var names = ForestNamesForm.Write(large).Length;
        var message = _serializer.ToBinary(new Published(Corp, new ForestSnapshot(large, long.MaxValue, Since, "dc1"), [.. nodes])).Length;
        _output.WriteLine($"names {names} bytes compressed, message {message} bytes");
        var limit = HoconFiles.Load().GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size")!.Value;

        // The most that names may take, and room for what remoting adds.
        Assert.InRange(message - names + ForestNamesForm.MaxBytes, 0, limit - 2_000);
        Assert.InRange(names, 5_000, ForestNamesForm.MaxBytes / 2);
    }

    [Fact]
    public void A_forest_that_is_too_large_is_named_with_the_limit()
    {
        var fault = ForestNamesForm.Fault(Large(domains: 1_000, suffixes: 30_000));

        Assert.Contains("corp.example (1000 domains, 30000 suffixes, 1 trusts)", fault, StringComparison.Ordinal);
        Assert.Contains("65536", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void No_mutation_makes_anything_but_the_message_that_was_named()
    {
        const int seed = 20260101;
        var random = new Random(seed);
        var samples = Messages.Select(message => (Manifest: _serializer.Manifest(message), Bytes: _serializer.ToBinary(message), Type: message.GetType())).ToArray();
        var read = 0;
        for (var round = 0; round < 50_000; round++)
        {
            var (manifest, bytes, type) = samples[random.Next(samples.Length)];
            var mutated = bytes.ToArray();
            for (var changes = random.Next(1, 4); changes > 0 && mutated.Length > 0; changes--)
            {
                mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
            }

            mutated = random.Next(4) == 0 ? mutated[..random.Next(mutated.Length + 1)] : mutated;
            try
            {
                Assert.True(_serializer.FromBinary(mutated, manifest).GetType() == type, $"seed {seed}, round {round}");
                read++;
            }
            catch (SerializationException)
            {
                // Refused.
            }
        }

        Assert.InRange(read, 1_000, 49_000);
    }

    private static ForestNames Large(int domains, int suffixes)
    {
        var random = new Random(7);
        string Word() => string.Concat(Enumerable.Range(0, random.Next(4, 14)).Select(_ => (char)('a' + random.Next(26))));
        var (own, theirs) = (Domains(), Domains());
        var top = Suffixes();
        return new ForestNames(Corp, [.. own], [.. Suffixes()],
        [
            new TrustedDomain("fabrikam.test", "fabrikam", 2, 3, 8,
            [
                .. top.Select(name => new ForestTrustRecord.TopLevelName(0, Since, name)),
                .. theirs.Select(domain => new ForestTrustRecord.DomainInformation(
                    0, Since, $"S-1-5-21-{random.Next()}-{random.Next()}-{random.Next()}", domain.DnsName, domain.NetBiosName)),
            ]),
        ]);

        List<DomainNames> Domains() => [.. Enumerable.Range(0, domains).Select(i => new DomainNames($"{Word()}.{Word()}.example", $"n{i}{Word()}abcd"[..8]))];

        List<string> Suffixes() => [.. Enumerable.Range(0, suffixes).Select(i => $"{Word()}{i}.{Word()}.example")];
    }

    private static ByteString Bomb()
    {
        var compressed = new byte[4096];
        Assert.True(BrotliEncoder.TryCompress(new byte[16 * 1024 * 1024], compressed, out var length, 5, 20));
        return ByteString.CopyFrom(compressed, 0, length);
    }
}
