using Passthrough.Wire.V1;

namespace Passthrough.Wire;

/// <summary>The suffixes of a forest as messages that fit a stream, and back.</summary>
public static class ForestSuffixParts
{
    /// <summary>Of one forest: a forest of 200 domains and 500 UPN suffixes has 900.</summary>
    public const int MaxNames = 2_000;

    /// <summary>Of DNS names as long as they may be, some 51 KB.</summary>
    public const int MaxNamesInPart = 200;

    /// <summary>Of a name, in UTF-16 units (RFC 1035 2.3.4, in text form).</summary>
    public const int MaxName = 253;

    /// <summary>What goes beyond the limits is left out: names that are too long, and all after the last that there is room for.</summary>
    public static IEnumerable<ForestSuffixes> Split(string forest, ulong version, IEnumerable<string> names)
    {
        var parts = names.Where(name => name.Length <= MaxName).Take(MaxNames).Chunk(MaxNamesInPart).DefaultIfEmpty([]).ToList();
        return parts.Select((part, i) => new ForestSuffixes
        {
            Forest = forest,
            Version = version,
            Part = (uint)i,
            More = i < parts.Count - 1,
            Names = { part },
        });
    }
}

/// <summary>Puts the parts that come on one stream together. Used by one reader.</summary>
public sealed class ForestSuffixReader
{
    /// <summary>Forests of which not all parts have come.</summary>
    private const int MaxUnfinished = 16;

    private readonly Dictionary<string, (ulong Version, List<string> Names, uint Parts)> _unfinished = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>False: the parts are not what <see cref="ForestSuffixParts.Split"/> makes.</summary>
    /// <param name="names">All names of the forest once its last part has come; else null.</param>
    public bool TryAdd(ForestSuffixes part, out IReadOnlyList<string>? names)
    {
        names = null;
        var isNext = _unfinished.Remove(part.Forest, out var before) && part.Part != 0;
        if (isNext ? part.Part != before.Parts || part.Version != before.Version : part.Part != 0)
        {
            return false;
        }

        var all = isNext ? before.Names : [];
        if (part.Names.Count > ForestSuffixParts.MaxNamesInPart || all.Count + part.Names.Count > ForestSuffixParts.MaxNames
            || part.Names.Any(name => name.Length > ForestSuffixParts.MaxName))
        {
            return false;
        }

        all.AddRange(part.Names);
        if (!part.More)
        {
            names = all;
            return true;
        }

        return _unfinished.Count < MaxUnfinished && _unfinished.TryAdd(part.Forest, (part.Version, all, part.Part + 1));
    }
}
