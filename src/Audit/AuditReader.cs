using System.Security.Cryptography;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>Reads a log, whether or not a program writes it.</summary>
internal static class AuditReader
{
    /// <param name="known">Heads that were noted elsewhere.</param>
    /// <exception cref="AuditFaultException">It cannot be read.</exception>
    public static async Task<ChainReport> VerifyAsync(
        AuditPlace place, IEnumerable<AuditHead> known, TimeProvider clock, CancellationToken cancel)
    {
        var (segments, newest, kept) = await LookAsync(place, clock, cancel);
        using var key = segments.Count == 0 && !File.Exists(place.SigningKeyFile)
            ? ECDsa.Create(ECCurve.NamedCurves.nistP256)
            : ReadKey(place);
        var head = AuditKeys.ReadHead(kept, key);
        if (head is null && kept.Length > 0)
        {
            throw new AuditFaultException($"{place.HeadFile} is not what was written there: it holds no head that the audit key signed", isBroken: true);
        }

        var check = new ChainCheck(key, head is null ? known : known.Append(head));
        for (var i = 0; i < segments.Count; i++)
        {
            var isLast = i == segments.Count - 1;
            if (!check.Add(segments[i].Name, segments[i].First, isLast ? newest : segments[i].Read(), isLast))
            {
                break;
            }
        }

        return check.End();
    }

    /// <summary>What matches, oldest first, as JSON in UTF-8, valid until the next is asked for. Nothing is checked: that is what
    /// verify is for.</summary>
    /// <exception cref="AuditFaultException">It cannot be read.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> FindAsync(
        AuditPlace place, AuditQuery query, TimeProvider clock, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var (segments, newest, _) = await LookAsync(place, clock, cancel);
        for (var i = 0; i < segments.Count; i++)
        {
            if (i + 1 < segments.Count && query.Since is { } since && segments[i + 1].Beginning()?.Begun < since)
            {
                continue;
            }

            var bytes = i == segments.Count - 1 ? newest : segments[i].Read();
            for (var at = 0; at < bytes.Length;)
            {
                cancel.ThrowIfCancellationRequested();
                var json = Next(bytes, ref at);
                if (query.Matches(json.Span))
                {
                    yield return json;
                }
            }
        }
    }

    /// <summary>The JSON of the record at a place in a file, and the place after it; empty if there is none that is whole.</summary>
    internal static ReadOnlyMemory<byte> Next(byte[] bytes, ref int at)
    {
        var begin = at;
        if (AuditLine.TryRead(bytes.AsSpan(at), out var line))
        {
            at += line.Length;
            return bytes.AsMemory(begin + AuditLine.HashLength + 1, line.Json.Length);
        }

        var end = bytes.AsSpan(at).IndexOf((byte)'\n');
        at = end < 0 ? bytes.Length : at + end + 1;
        return ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>The end as it is between two writes.</summary>
    internal static async Task<(List<AuditSegment> Segments, byte[] Newest, string Kept)> LookAsync(
        AuditPlace place, TimeProvider clock, CancellationToken cancel)
    {
        try
        {
            using var only = await place.LockAsync(clock, cancel);
            var segments = AuditSegment.List(place.Folder);
            return (segments, segments.Count == 0 ? [] : segments[^1].Read(), AuditKeys.HeadText(place));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditFaultException($"the audit log in {place.Folder} cannot be read: {e.Message}", cause: e);
        }
    }

    private static ECDsa ReadKey(AuditPlace place) => File.Exists(place.SigningKeyFile)
        ? AuditKeys.Signing(place)
        : throw new AuditFaultException($"{place.SigningKeyFile} is missing: without it no head can be checked; restore it from a backup");
}
