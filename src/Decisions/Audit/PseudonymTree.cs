using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Decisions.Audit;

/// <summary>A key for every name there could be, from one secret, any of which can be destroyed alone. The keys are the leaves of a
/// tree (Goldreich, Goldwasser, Micali): each node's sixteen children are HMACs under it, and a name's leaf is found by the first 16
/// half-bytes of its SHA-256. To destroy one leaf, the nodes above it are given up and those beside its path kept instead: nothing
/// that is left leads to it. So no list of people is kept, and erasing one costs about 8 KB.</summary>
public sealed class PseudonymTree
{
    private const int Depth = 16, Children = 16, NodeBytes = 32, PseudonymBytes = 16;

    /// <summary>What a pseudonym begins with; no user name of a directory that we know does.</summary>
    private const char Mark = '~';

    /// <summary>By their path from the root, in hex digits. No path leads through another.</summary>
    private readonly ImmutableDictionary<string, byte[]> _nodes;

    private PseudonymTree(ImmutableDictionary<string, byte[]> nodes) => _nodes = nodes;

    /// <summary>Whether a text has the form of a pseudonym, so that one that is shown can be asked for.</summary>
    public static bool IsPseudonym(string text) =>
        text.Length == 1 + System.Buffers.Text.Base64Url.GetEncodedLength(PseudonymBytes) && text[0] == Mark
        && System.Buffers.Text.Base64Url.IsValid(text.AsSpan(1));

    /// <param name="secret">32 random bytes.</param>
    public static PseudonymTree Plant(byte[] secret) => new(ImmutableDictionary<string, byte[]>.Empty.Add("", secret));

    /// <summary>The same for all spellings by case, and with spaces around it; null: its key was destroyed.</summary>
    public string? Of(string name)
    {
        var (path, text) = PathOf(name);
        return Covering(path) is { } node
            ? Mark + System.Buffers.Text.Base64Url.EncodeToString(
                HMACSHA256.HashData(Walk(_nodes[node], path.AsSpan(node.Length)), text).AsSpan(0, PseudonymBytes))
            : null;
    }

    /// <summary>Without the name's key.</summary>
    public PseudonymTree Without(string name)
    {
        var (path, _) = PathOf(name);
        if (Covering(path) is not { } node)
        {
            return this;
        }

        var (nodes, secret) = (_nodes.Remove(node), _nodes[node]);
        for (var depth = node.Length; depth < Depth; depth++)
        {
            for (var child = 0; child < Children; child++)
            {
                if (Digit(child) != path[depth])
                {
                    nodes = nodes.Add(path[..depth] + Digit(child), Walk(secret, [Digit(child)]));
                }
            }

            secret = Walk(secret, [path[depth]]);
        }

        return new PseudonymTree(nodes);
    }

    /// <summary>One node a line: path, or a dash for the root; then the secret in hex. To be kept as a private key is.</summary>
    public IEnumerable<string> Write() => _nodes.OrderBy(node => node.Key, StringComparer.Ordinal)
        .Select(node => $"{(node.Key.Length == 0 ? "-" : node.Key)} {Convert.ToHexStringLower(node.Value)}");

    /// <summary>Reads what <see cref="Write"/> wrote; null if a line is not of it.</summary>
    public static PseudonymTree? TryRead(IEnumerable<string> lines)
    {
        var nodes = ImmutableDictionary.CreateBuilder<string, byte[]>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var parts = line.Split(' ');
            var path = parts[0] == "-" ? "" : parts[0];
            if (parts.Length != 2 || path.Length > Depth || !path.All(char.IsAsciiHexDigitLower)
                || parts[1].Length != 2 * NodeBytes || !parts[1].All(char.IsAsciiHexDigitLower) || !nodes.TryAdd(path, Convert.FromHexString(parts[1])))
            {
                return null;
            }
        }

        return new PseudonymTree(nodes.ToImmutable());
    }

    /// <summary>Never the type's fields.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{_nodes.Count} pseudonym keys]");

    private string? Covering(string path)
    {
        for (var length = 0; length <= Depth; length++)
        {
            if (_nodes.ContainsKey(path[..length]))
            {
                return path[..length];
            }
        }

        return null;
    }

    private static (string Path, byte[] Text) PathOf(string name)
    {
        var text = Encoding.UTF8.GetBytes(name.Trim().ToLowerInvariant());
        return (Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, Depth / 2)), text);
    }

    private static byte[] Walk(byte[] secret, ReadOnlySpan<char> path)
    {
        Span<byte> step = stackalloc byte[1];
        foreach (var digit in path)
        {
            step[0] = (byte)digit;
            secret = HMACSHA256.HashData(secret, step);
        }

        return secret;
    }

    private static char Digit(int child) => "0123456789abcdef"[child];
}
