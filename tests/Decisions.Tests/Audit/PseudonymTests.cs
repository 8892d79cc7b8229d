using System.Security.Cryptography;
using Passthrough.Decisions.Audit;

namespace Passthrough.Decisions.Tests.Audit;

public class PseudonymTests
{
    private static readonly byte[] Secret = SHA256.HashData("one"u8), Other = SHA256.HashData("two"u8);

    [Fact]
    public void A_name_has_one_pseudonym_however_it_is_spelt_and_no_two_names_share_one()
    {
        var tree = PseudonymTree.Plant(Secret);
        Assert.Equal(tree.Of("anna@corp.example"), tree.Of(" Anna@CORP.example "));
        Assert.Matches("^~[A-Za-z0-9_-]{22}$", tree.Of("anna@corp.example"));
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(i => tree.Of($"user{i}@corp.example")).Distinct().Count());
        Assert.NotEqual(tree.Of("anna@corp.example"), PseudonymTree.Plant(Other).Of("anna@corp.example"));
    }

    [Fact]
    public void One_key_is_destroyed_and_no_other_changes()
    {
        var before = PseudonymTree.Plant(Secret);
        var after = PseudonymTree.TryRead(before.Without("anna@corp.example").Without("bert@corp.example").Write())!;
        Assert.Null(after.Of("Anna@corp.example"));
        Assert.Null(after.Of("bert@corp.example"));
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(before.Of($"user{i}@corp.example"), after.Of($"user{i}@corp.example"));
        }
    }

    /// <summary>What is kept is beside the path, never on it: no kept node leads to the leaf.</summary>
    [Fact]
    public void Nothing_that_is_kept_leads_to_a_destroyed_key()
    {
        var tree = PseudonymTree.Plant(Secret).Without("anna@corp.example");
        var path = Convert.ToHexStringLower(SHA256.HashData("anna@corp.example"u8).AsSpan(0, 8));
        var nodes = tree.Write().Select(line => line.Split(' ')[0]).ToList();
        Assert.Equal(16 * 15, nodes.Count);
        Assert.DoesNotContain(nodes, node => path.StartsWith(node, StringComparison.Ordinal));
        Assert.DoesNotContain(tree.Write(), line => line.Contains(Convert.ToHexStringLower(Secret), StringComparison.Ordinal));
        Assert.True(tree.Write().Sum(line => line.Length + 1) < 24_000);
    }

    [Fact]
    public void Who_was_erased_and_signs_in_again_is_somebody_else_each_time()
    {
        var names = new Pseudonyms([PseudonymTree.Plant(Secret)]);
        var seen = new HashSet<string> { names.Of("anna@corp.example") };
        var bert = names.Of("bert@corp.example");
        for (var i = 0; i < 3; i++)
        {
            names = Pseudonyms.TryRead([.. names.Erase("anna@corp.example", SHA256.HashData([(byte)i])).Write()])!;
            Assert.True(seen.Add(names.Of("anna@corp.example")), "an old pseudonym came again");
            Assert.Equal(bert, names.Of("bert@corp.example"));
        }

        Assert.Equal(4, names.Trees.Length);
        names = names.Erase("bert@corp.example", Other);
        Assert.Equal(4, names.Trees.Length);
        Assert.NotEqual(bert, names.Of("bert@corp.example"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tree\nx")]
    [InlineData("- 00")]
    [InlineData("tree\n- 00")]
    [InlineData("tree\nxyz 0000000000000000000000000000000000000000000000000000000000000000")]
    public void What_holds_no_keys_is_refused(string text) => Assert.Null(Pseudonyms.TryRead(text.Split('\n', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void Keys_cannot_be_printed() => Assert.Equal("[1 pseudonym keys]", PseudonymTree.Plant(Secret).ToString());
}
