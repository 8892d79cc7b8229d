using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Persistence.Sql;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Tests.Hosting;

public sealed class HoconTests
{
    private static readonly string[] Files = Directory.GetFiles(HoconFiles.Folder, "*.conf");

    /// <summary>Where the keys are names of ours: what they must name is checked apart.</summary>
    private static readonly string[] OpenSections =
    [
        "akka.actor.serializers.",
        "akka.actor.serialization-bindings.",
        "passthrough.partition-lease.",
    ];

    private static readonly Lazy<Config> Reference = new(ReadReference);

    public static TheoryData<string> Names => [.. Files.Select(file => Path.GetFileName(file))];

    [Fact]
    public void The_files_are_beside_the_program() => Assert.True(Files.Length >= 6, HoconFiles.Folder);

    [Theory, MemberData(nameof(Names))]
    public void Every_key_exists_in_the_reference_configuration(string name) =>
        Assert.Empty(Unknown(File.ReadAllText(Path.Combine(HoconFiles.Folder, name))));

    [Theory]
    [InlineData("akka.cluster.sharding.state-store-mod = ddata")]
    [InlineData("akka { remote { untrusted-mode = on, untrustedmode = on } }")]
    [InlineData("akka.clustre.roles = []")]
    public void A_misspelt_key_is_found(string text) => Assert.Single(Unknown(text));

    [Theory, MemberData(nameof(Names))]
    public void Every_key_has_its_reason(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(HoconFiles.Folder, name)).Select(line => line.Trim()).ToArray();
        Assert.StartsWith("#", lines[0], StringComparison.Ordinal);
        for (var index = 1; index < lines.Length; index++)
        {
            // Lines of one group, without an empty line between them, share the reason above them.
            var isKey = lines[index].Contains('=', StringComparison.Ordinal) && lines[index][0] != '#';
            Assert.True(
                !isKey || lines[index - 1].StartsWith('#') || (lines[index - 1].Contains('=', StringComparison.Ordinal) && !lines[index - 1].EndsWith('{')),
                $"{name}:{index + 1}: {lines[index]}");
        }
    }

    [Theory]
    [InlineData("akka.actor.serializers")]
    [InlineData("akka.actor.serialization-bindings")]
    public void Every_type_that_is_named_exists(string section)
    {
        var ours = HoconFiles.Load().GetConfig(section).AsEnumerable().ToList();
        var names = section.EndsWith("serializers", StringComparison.Ordinal)
            ? ours.Select(entry => entry.Value.GetString())
            : ours.Select(entry => entry.Key);

        Assert.NotEmpty(ours);
        Assert.All(names, name => Assert.True(Type.GetType(name) is not null, name));
    }

    /// <summary>Akka would say so at each start, and bind nothing.</summary>
    [Fact]
    public void Every_binding_names_a_serializer_that_exists()
    {
        var actors = HoconFiles.Load().WithFallback(Reference.Value).GetConfig("akka.actor");
        var serializers = actors.GetConfig("serializers").AsEnumerable().Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);

        Assert.All(actors.GetConfig("serialization-bindings").AsEnumerable(), binding => Assert.Contains(binding.Value.GetString(), serializers));
    }

    [Theory]
    [InlineData(Agent.Lockout.LockoutShards.TypeName)]
    [InlineData(Agent.Forests.ForestShards.TypeName)]
    public void The_shards_names_are_those_that_peers_may_talk_to(string type)
    {
        var paths = HoconFiles.Load().GetStringList("akka.remote.trusted-selection-paths");

        Assert.Contains("/system/sharding/" + type, paths);
        Assert.Contains($"/system/sharding/{type}Coordinator", paths);
        Assert.Contains($"/system/sharding/{type}Coordinator/singleton/coordinator", paths);
    }

    private static List<string> Unknown(string text)
    {
        return
        [
            .. Leaves(ConfigurationFactory.ParseString(text).Root, "")
                .Where(path => !OpenSections.Any(open => path.StartsWith(open, StringComparison.Ordinal)) && !IsKnown(path)),
        ];
    }

    /// <summary>A plugin of persistence has the keys of its own section and those of the fallback for its kind.</summary>
    private static bool IsKnown(string path) =>
        Reference.Value.HasPath(path)
        || Reference.Value.HasPath(path
            .Replace("akka.persistence.journal.sql.", "akka.persistence.journal-plugin-fallback.", StringComparison.Ordinal)
            .Replace("akka.persistence.snapshot-store.sql.", "akka.persistence.snapshot-store-plugin-fallback.", StringComparison.Ordinal));

    private static IEnumerable<string> Leaves(HoconValue value, string path) =>
        value.IsObject()
            ? value.GetObject().Items.SelectMany(item => Leaves(item.Value, path + (path.Length == 0 ? "" : ".") + item.Key))
            : [path];

    /// <summary>What each module says its keys are: remoting and cluster add theirs when a system starts.</summary>
    private static Config ReadReference()
    {
        using var system = ActorSystem.Create("reference", ConfigurationFactory.ParseString("""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp.hostname = 127.0.0.1
            akka.remote.dot-netty.tcp.port = 0
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            """));
        return system.Settings.Config
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig())
            .WithFallback(Akka.DistributedData.DistributedData.DefaultConfig())
            .WithFallback(Akka.Persistence.Persistence.DefaultConfig())
            .WithFallback(SqlPersistence.DefaultConfiguration);
    }
}
