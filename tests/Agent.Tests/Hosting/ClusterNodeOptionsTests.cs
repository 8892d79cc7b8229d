using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Tests.Hosting;

public sealed class ClusterNodeOptionsTests
{
    [Fact]
    public void The_defaults_have_no_fault() => Assert.Empty(new ClusterNodeOptions().Faults());

    [Theory]
    [InlineData("a", true)]
    [InlineData("passthrough-2", true)]
    [InlineData("", false)]
    [InlineData("2passthrough", false)]
    [InlineData("pass through", false)]
    [InlineData("passthrough\"", false)]
    public void A_name_is_letters_digits_and_hyphens(string name, bool valid) =>
        Assert.Equal(valid, new ClusterNodeOptions { Name = name }.Faults().Count == 0);

    [Theory, InlineData(40, true), InlineData(41, false)]
    public void A_name_has_a_length(int length, bool valid) =>
        Assert.Equal(valid, new ClusterNodeOptions { Name = new string('a', length) }.Faults().Count == 0);

    [Theory]
    [InlineData("127.0.0.1", "", true)]
    [InlineData("::1", "", true)]
    [InlineData("10.77.0.2", "", true)]
    [InlineData("2001:db8::7", "", true)]
    [InlineData("0.0.0.0", "", false)]
    [InlineData("0.0.0.0", "10.77.0.2", true)]
    [InlineData("::", "agent-1.example", true)]
    [InlineData("::", "2001:db8::7", true)]
    [InlineData("::", "two words", false)]
    [InlineData("127.0.0.1", "a\"b", false)]
    [InlineData("localhost", "", false)]
    [InlineData("", "", false)]
    public void A_node_listens_on_an_address_and_is_dialled_at_one(string bind, string announced, bool valid) =>
        Assert.Equal(valid, new ClusterNodeOptions { BindAddress = bind, PublicAddress = announced }.Faults().Count == 0);

    [Theory]
    [InlineData("127.0.0.1", "", 0, "akka.tcp://passthrough@127.0.0.1:4711")]
    [InlineData("::1", "", 0, "akka.tcp://passthrough@[::1]:4711")]
    [InlineData("0.0.0.0", "2001:db8::7", 0, "akka.tcp://passthrough@[2001:db8::7]:4711")]
    [InlineData("10.0.0.1", "Agent-1.Example", 14053, "akka.tcp://passthrough@agent-1.example:14053")]
    public void Others_know_a_node_by_what_they_dial(string bind, string announced, int port, string address) => Assert.Equal(
        address, new ClusterNodeOptions { BindAddress = bind, PublicAddress = announced, PublicPort = port }.AddressAt(4711).ToString());

    [Theory, InlineData(-1, false), InlineData(0, true), InlineData(65_535, true), InlineData(65_536, false)]
    public void A_port_has_a_range(int port, bool valid)
    {
        Assert.Equal(valid, new ClusterNodeOptions { Port = port }.Faults().Count == 0);
        Assert.Equal(valid, new ClusterNodeOptions { PublicPort = port }.Faults().Count == 0);
    }

    [Theory]
    [InlineData("127.0.0.1:4053", true)]
    [InlineData("[::1]:4053", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.1:0", false)]
    [InlineData("10.77.0.2:4053", true)]
    [InlineData("agent-1.example:4053", true)]
    [InlineData("2001:db8::7:4053", false)]
    [InlineData("agent 1:4053", false)]
    [InlineData("a\"b:4053", false)]
    [InlineData("agent-1.example:65536", false)]
    public void A_seed_node_is_a_host_and_a_port(string seed, bool valid) =>
        Assert.Equal(valid, new ClusterNodeOptions { SeedNodes = [seed] }.Faults().Count == 0);

    [Theory, InlineData(10, true), InlineData(11, false)]
    public void Seed_nodes_have_a_number(int count, bool valid) =>
        Assert.Equal(valid, new ClusterNodeOptions { SeedNodes = [.. Enumerable.Repeat("127.0.0.1:4053", count)] }.Faults().Count == 0);

    [Theory]
    [InlineData("", false)]
    [InlineData("journal.db", false)]
    [InlineData("/var/lib/passthrough-agent/journal.db", true)]
    public void A_journal_has_a_full_path(string path, bool valid) =>
        Assert.Equal(valid, new JournalOptions { Path = path }.Faults().Count == 0);
}
