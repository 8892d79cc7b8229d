using System.Globalization;
using System.Text;

namespace Passthrough.Wire.Tests.Support;

/// <summary>A file of golden vectors: lines of <c>name: value</c>, where a value is a quoted text, a decimal number or bytes
/// in hexadecimal; bytes go on in lines that begin with a space.</summary>
internal sealed class GoldenFile
{
    private const int BytesPerLine = 48;
    private readonly Dictionary<string, string> _values = [];
    private readonly string _text;

    public GoldenFile(string name)
    {
        Name = name;
        _text = File.ReadAllText(PathOf(name));
        string? current = null;
        foreach (var line in _text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == ' ')
            {
                _values[current!] += line.Trim();
            }
            else
            {
                current = line[..line.IndexOf(':', StringComparison.Ordinal)];
                _values.Add(current, line[(current.Length + 1)..].Trim());
            }
        }
    }

    public string Name { get; }

    public static IEnumerable<string> All =>
        Directory.EnumerateFiles(Path.GetDirectoryName(PathOf("x"))!, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Order();

    public static string TextOf(string name) => File.ReadAllText(PathOf(name));

    public string Hex(string key) => _values[key];

    public byte[] Bytes(string key) => Convert.FromHexString(_values[key]);

    public string Text(string key) => _values[key].Trim('"');

    public long Number(string key) => long.Parse(_values[key], CultureInfo.InvariantCulture);

    /// <summary>Fails, and shows the whole file as it should be, unless every value is as computed.</summary>
    /// <param name="computed">In the file's order; inputs are given as they were read.</param>
    public void AssertIs(params (string Key, object Value)[] computed)
    {
        var expected = new StringBuilder();
        foreach (var comment in _text.Split('\n').TakeWhile(line => line.StartsWith('#')))
        {
            expected.Append(comment).Append('\n');
        }

        foreach (var (key, value) in computed)
        {
            expected.Append(key).Append(':').Append(Write(value)).Append('\n');
        }

        Assert.True(expected.ToString() == _text, $"tests/Wire.Tests/Golden/{Name}.txt should be:\n{expected}");
    }

    private static string Write(object value) => value switch
    {
        string text => $" \"{text}\"",
        byte[] { Length: <= BytesPerLine } bytes => " " + Convert.ToHexStringLower(bytes),
        byte[] bytes => string.Concat(bytes.Chunk(BytesPerLine).Select(line => "\n  " + Convert.ToHexStringLower(line))),
        _ => string.Create(CultureInfo.InvariantCulture, $" {value}"),
    };

    private static string PathOf(string name) => Path.Combine(WirePage.Root, "tests", "Wire.Tests", "Golden", name + ".txt");
}
