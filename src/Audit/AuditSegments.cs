using System.Globalization;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>One file of a log.</summary>
/// <param name="First">Its first record, as its name says.</param>
internal sealed record AuditSegment(string Path, long First)
{
    private const string Prefix = "audit-", Suffix = ".log";

    /// <summary>The largest file that is read: what a writer makes is a tenth of it.</summary>
    private const int MaxBytes = 512 * 1024 * 1024;

    public string Name => System.IO.Path.GetFileName(Path);

    public static string PathOf(string folder, long first) =>
        System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{first:D12}{Suffix}"));

    /// <summary>Oldest first. Files of other names are none of the log's.</summary>
    public static List<AuditSegment> List(string folder) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, Prefix + "*" + Suffix)
            .Select(path => new AuditSegment(path, NumberIn(System.IO.Path.GetFileName(path))))
            .Where(segment => segment.First > 0)
            .OrderBy(segment => segment.First)];

    /// <exception cref="AuditFaultException">It is no file that a writer could have made, or may not be read.</exception>
    public byte[] Read(long offset = 0)
    {
        try
        {
            using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file) - offset;
            if (length is < 0 or > MaxBytes)
            {
                throw new AuditFaultException($"{Path} has {length + offset} bytes, more than a file of the log ever has: move it away");
            }

            var bytes = new byte[length];
            var read = 0;
            while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), offset + read) is > 0 and var some)
            {
                read += some;
            }

            return read == bytes.Length ? bytes : bytes[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditFaultException($"{Path} cannot be read: {e.Message}", cause: e);
        }
    }

    /// <summary>What its first record says; null if that is none that begins a file.</summary>
    public (DateTimeOffset Begun, Guid Log, AuditHead After)? Beginning()
    {
        var bytes = new byte[1024];
        using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.Read(file, bytes, 0);
        return AuditLine.TryRead(bytes.AsSpan(0, length), out var line) && AuditFields.At(line.Json) is { } at
            && Guid.TryParseExact(AuditFields.Text(line.Json, "log"), "n", out var log)
            && AuditFields.Text(line.Json, "after") is { } after && AuditLine.IsHash(after)
            ? (at, log, new AuditHead(First - 1, after))
            : null;
    }

    private static long NumberIn(string name) =>
        long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? first
            : 0;
}
