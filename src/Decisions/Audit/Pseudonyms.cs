using System.Collections.Immutable;

namespace Passthrough.Decisions.Audit;

/// <summary>The pseudonyms of one log. A person who was erased and signs in again gets another pseudonym, from the next tree, so
/// that the records of before and after cannot be told to be one person's.</summary>
/// <param name="Trees">Oldest first; a name has its pseudonym from the first that still has its key.</param>
public sealed record Pseudonyms(ImmutableArray<PseudonymTree> Trees)
{
    private const string Separator = "tree";

    /// <param name="freshSecret">32 random bytes, for one more tree if the name has no key left.</param>
    public Pseudonyms Erase(string name, byte[] freshSecret)
    {
        var holder = Trees.TakeWhile(tree => tree.Of(name) is null).Count();
        var trees = holder < Trees.Length ? Trees.SetItem(holder, Trees[holder].Without(name)) : Trees;
        return new Pseudonyms(trees[^1].Of(name) is null ? trees.Add(PseudonymTree.Plant(freshSecret)) : trees);
    }

    /// <exception cref="InvalidOperationException">No tree has a key for the name: <see cref="Erase"/> did not see to it.</exception>
    public string Of(string name)
    {
        foreach (var tree in Trees)
        {
            if (tree.Of(name) is { } pseudonym)
            {
                return pseudonym;
            }
        }

        throw new InvalidOperationException("no pseudonym key covers the name");
    }

    public IEnumerable<string> Write() => Trees.SelectMany(tree => tree.Write().Prepend(Separator));

    /// <summary>Reads what <see cref="Write"/> wrote; null if it is not that.</summary>
    public static Pseudonyms? TryRead(IReadOnlyList<string> lines)
    {
        var trees = ImmutableArray.CreateBuilder<PseudonymTree>();
        for (var at = 0; at < lines.Count;)
        {
            var nodes = lines.Skip(at + 1).TakeWhile(line => line != Separator).ToList();
            if (lines[at] != Separator || PseudonymTree.TryRead(nodes) is not { } tree)
            {
                return null;
            }

            trees.Add(tree);
            at += nodes.Count + 1;
        }

        return trees.Count == 0 ? null : new Pseudonyms(trees.ToImmutable());
    }
}
