using System.Globalization;

namespace Passthrough.Wire.Tests.Support;

/// <summary>A layout as docs/WIRE.md draws it: boxes with a name above a size in bytes. A size is a number, <c>n</c> (what the
/// length before it says; lengths are the boxes called <c>l</c>) or <c>rest</c>.</summary>
internal sealed class Drawing
{
    private readonly List<(string Name, string Size)> _boxes = [];

    public Drawing(string heading)
    {
        var rows = WirePage.Fenced(heading)[0].Split('\n').Where(line => line.StartsWith('|')).Select(Cells).ToList();
        Assert.True(rows.Count % 2 == 0, $"{heading}: every row of names has a row of sizes");
        foreach (var pair in rows.Chunk(2))
        {
            Assert.Equal(pair[0].Length, pair[1].Length);
            _boxes.AddRange(pair[0].Zip(pair[1]));
        }
    }

    /// <summary>Cuts bytes as drawn; fails unless they are used up. Lengths are left out.</summary>
    public IReadOnlyDictionary<string, byte[]> Cut(byte[] bytes)
    {
        var fields = new Dictionary<string, byte[]>();
        var (position, length) = (0, 0);
        foreach (var (name, size) in _boxes)
        {
            var count = size switch
            {
                "n" => length,
                "rest" => bytes.Length - position,
                _ => int.Parse(size, CultureInfo.InvariantCulture),
            };
            var field = bytes[position..(position + count)];
            position += count;
            if (name == "l")
            {
                length = field.Aggregate(0, (value, b) => (value << 8) | b);
            }
            else
            {
                fields.Add(name, field);
            }
        }

        Assert.Equal(bytes.Length, position);
        return fields;
    }

    private static string[] Cells(string line) => line.Trim().Trim('|').Split('|').Select(cell => cell.Trim()).ToArray();
}
