using Passthrough.Wire;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>What the names of one forest's people end in.</summary>
/// <param name="Version">1 or more; grows with each change.</param>
internal sealed record SiteSuffixes(string Forest, ulong Version, IEnumerable<string> Names);

/// <summary>Remembers what one stream was told of the forests' names.</summary>
internal sealed class SuffixTeller
{
    private readonly Dictionary<string, ulong> _told = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is to be told now: forests that are new or have changed.</summary>
    public IEnumerable<FromAgent> News(IEnumerable<SiteSuffixes> forests)
    {
        foreach (var forest in forests.Where(forest => _told.GetValueOrDefault(forest.Forest) != forest.Version))
        {
            _told[forest.Forest] = forest.Version;
            foreach (var part in ForestSuffixParts.Split(forest.Forest, forest.Version, forest.Names))
            {
                yield return new FromAgent { ForestSuffixes = part };
            }
        }
    }
}
