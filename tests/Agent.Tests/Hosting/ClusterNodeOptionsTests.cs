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
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.2", true)]
    [InlineData("::1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.77.0.2", false)]
    [InlineData("localhost", false)]
    [InlineData("", false)]
    public void A_node_listens_on_a_loopback_address_only(string address, bool valid) =>
        Assert.Equal(valid, new ClusterNodeOptions { BindAddress = address }.Faults().Count == 0);

    [Theory, InlineData(-1, false), InlineData(0, true), InlineData(65_535, true), InlineData(65_536, false)]
    public void A_port_has_a_range(int port, bool valid) =>
        Assert.Equal(valid, new ClusterNodeOptions { Port = port }.Faults().Count == 0);

    [Theory]
    [InlineData("127.0.0.1:4053", true)]
    [InlineData("[::1]:4053", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.1:0", false)]
    [InlineData("10.77.0.2:4053", false)]
    [InlineData("localhost:4053", false)]
    public void A_seed_node_is_a_loopback_address_and_a_port(string seed, bool valid) =>
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
