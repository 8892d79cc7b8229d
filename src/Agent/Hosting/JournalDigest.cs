using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Agent.Hosting;

/// <summary>How many rows each ledger has in a table, and a SHA-256 over all that is in them, in their order.</summary>
/// <param name="persistenceIdAt">The place in a row of what says whose it is.</param>
internal sealed class JournalDigest(int persistenceIdAt)
{
    private readonly SortedDictionary<string, (long Rows, IncrementalHash Hash)> _ledgers = new(StringComparer.Ordinal);

    public long Rows { get; private set; }

    public int Ledgers => _ledgers.Count;

    /// <param name="row">Numbers as long, text, bytes and nulls.</param>
    public void Add(object?[] row)
    {
        var ledger = (string)row[persistenceIdAt]!;
        var (rows, hash) = _ledgers.TryGetValue(ledger, out var known) ? known : (0, IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
        foreach (var value in row)
        {
            Add(hash, value);
        }

        _ledgers[ledger] = (rows + 1, hash);
        Rows++;
    }

    /// <summary>The first ledger that is not the same in both; null if there is none.</summary>
    public string? FirstDifference(JournalDigest other) =>
        _ledgers.Keys.Union(other._ledgers.Keys).Order(StringComparer.Ordinal).FirstOrDefault(ledger =>
            !_ledgers.TryGetValue(ledger, out var mine) || !other._ledgers.TryGetValue(ledger, out var theirs) || mine.Rows != theirs.Rows
            || !mine.Hash.GetCurrentHash().AsSpan().SequenceEqual(theirs.Hash.GetCurrentHash()));

    /// <summary>Kind and length before each value, so that no two rows look the same.</summary>
    private static void Add(IncrementalHash hash, object? value)
    {
        var (kind, bytes) = value switch
        {
            null => ((byte)0, (byte[])[]),
            long number => ((byte)1, BitConverter.GetBytes(number)),
            string text => ((byte)2, Encoding.UTF8.GetBytes(text)),
            _ => ((byte)3, (byte[])value),
        };
        Span<byte> head = stackalloc byte[5];
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        hash.AppendData(head);
        hash.AppendData(bytes);
    }
}
