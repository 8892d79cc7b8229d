using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Decisions.Audit;

/// <summary>Where a log is not what was written.</summary>
/// <param name="Record">The first record that is wrong or missing.</param>
public sealed record ChainFault(string File, long Record, string What)
{
    public override string ToString() => $"record {Record} ({File}): {What}";
}

/// <summary>What checking a log found.</summary>
/// <param name="Fault">Null: nothing was changed, removed or reordered, as far as signatures and known heads reach.</param>
/// <param name="Last">The last record.</param>
/// <param name="SignedTo">The last record that a signature reaches; null: none.</param>
/// <param name="Notes">What an operator should know, a sentence each.</param>
public sealed record ChainReport(ChainFault? Fault, long First, AuditHead Last, AuditHead? SignedTo, IReadOnlyList<string> Notes);

/// <summary>Checks a log file by file, oldest first: every record's hash follows from the one before, numbers have no holes, heads
/// are signed, what was deleted in good order was deleted by who has the key, and heads that are known stand where they stood.
/// Bytes may be anything. Not for several threads.</summary>
/// <param name="known">Heads that were kept elsewhere.</param>
public sealed class ChainCheck(ECDsa key, IEnumerable<AuditHead> known)
{
    private readonly Queue<AuditHead> _known = new(known.OrderBy(head => head.Number));
    private readonly AuditChain _chain = new(AuditHead.None);
    private readonly ChainNotes _notes = new();
    private readonly string _keyName = AuditSignature.NameOf(key);
    private string _lastFile = "";
    private long _first;
    private AuditHead _begin = AuditHead.None;
    private AuditHead? _signed;
    private (AuditHead Of, string Signature, long Number)? _unverified;
    private bool _beginIsSigned;
    private ChainFault? _fault;

    /// <param name="first">The number of its first record, as the file's name says.</param>
    /// <param name="isLast">It may end in a line that a killed writer did not finish.</param>
    /// <returns>False: a fault was found, and what follows need not be read.</returns>
    public bool Add(string file, long first, ReadOnlySpan<byte> bytes, bool isLast)
    {
        if (_fault is not null || !Begins(file, first, bytes))
        {
            return false;
        }

        _lastFile = file;
        while (bytes.Length > 0)
        {
            if (!AuditLine.TryRead(bytes, out var line))
            {
                if (!isLast || bytes.Length >= AuditLine.MaxLength || bytes.Contains((byte)'\n'))
                {
                    return Fail(_chain.Number + 1, "it cannot be read: its line was changed");
                }

                _notes.Add($"{file} ends in {bytes.Length} bytes of a record that was not finished after record {_chain.Number}: "
                    + "a process was killed while it wrote; the next one cuts them off and records that");
                break;
            }

            var expected = _chain.Number + 1;
            var before = line.Kind.SequenceEqual(AuditKinds.Head) ? _chain.Head : null;
            if (!_chain.TryFollow(line))
            {
                return Fail(expected, WhyNot(line.Number, expected));
            }

            if (!IsKnownPlace() || !Take(line, before))
            {
                return false;
            }

            bytes = bytes[line.Length..];
        }

        return IsSigned();
    }

    /// <summary>Once, after the last file.</summary>
    public ChainReport End()
    {
        if (_fault is null && _begin.Number > 0 && !_beginIsSigned)
        {
            Fail(_begin.Number, "this record and those before it are missing, and no record says that they were deleted because their time was over");
        }

        if (_fault is null && _known.TryPeek(out var missing))
        {
            Fail(_chain.Number + 1, $"it is missing: the log once had record {missing.Number}, and ends with {_chain.Number}");
        }

        return new ChainReport(_fault, _first, _chain.Head, _signed, _notes.All(_chain.Number, _signed));
    }

    private bool Begins(string file, long first, ReadOnlySpan<byte> bytes)
    {
        var isFirst = _first == 0;
        var after = "";
        if (AuditLine.TryRead(bytes, out var line) && line.Kind.SequenceEqual(AuditKinds.SegmentBegun) && line.Number == first)
        {
            after = AuditFields.Text(line.Json, "after") ?? "";
        }

        if (!AuditLine.IsHash(after))
        {
            _lastFile = file;
            return Fail(isFirst ? Math.Max(first, 1) : _chain.Number + 1, "it cannot be read: the file does not begin as a file of this log");
        }

        if (isFirst)
        {
            (_first, _begin) = (first, new AuditHead(first - 1, after));
            _chain.Reset(_begin);
            SkipOlder();
        }
        else if (first != _chain.Number + 1)
        {
            return Fail(_chain.Number + 1, $"it is missing: the next file, {file}, begins with record {first}");
        }

        return _fault is null;
    }

    /// <summary>Heads from before the first file cannot be compared, but for the one it goes on from.</summary>
    private void SkipOlder()
    {
        while (_known.TryPeek(out var head) && head.Number <= _begin.Number)
        {
            _known.Dequeue();
            if (head.Number < _begin.Number)
            {
                _notes.Add($"head {head.Number} is older than the log, which begins with record {_first}: it cannot be compared");
            }
            else if (head.Hash != _begin.Hash)
            {
                Fail(_first, $"the log up to record {head.Number} is not the one whose head was kept");
            }
        }
    }

    private bool IsKnownPlace()
    {
        while (_known.TryPeek(out var head) && head.Number == _chain.Number)
        {
            _known.Dequeue();
            if (!_chain.Hash.SequenceEqual(Encoding.ASCII.GetBytes(head.Hash)))
            {
                return Fail(head.Number, "this record, or one before it, is not the one whose head was kept: the log was written anew");
            }
        }

        return true;
    }

    /// <param name="before">Where the chain was before a head.</param>
    private bool Take(in AuditLine line, AuditHead? before)
    {
        if (before is not null)
        {
            if (AuditFields.Text(line.Json, "of") != before.ToString() || AuditFields.Text(line.Json, "key") != _keyName)
            {
                return Fail(line.Number, $"it is a head that the key {_keyName} did not sign");
            }

            // Only the last of a file is verified: it reaches the others.
            _unverified = (before, AuditFields.Text(line.Json, "signature") ?? "", line.Number);
        }
        else if (line.Kind.SequenceEqual(AuditKinds.Retired) && AuditHead.TryParse(AuditFields.Text(line.Json, "upTo") ?? "") == _begin)
        {
            _beginIsSigned = AuditSignature.IsRetired(key, _begin, AuditFields.Text(line.Json, "signature") ?? "");
        }
        else
        {
            _notes.Take(line);
        }

        return true;
    }

    private bool IsSigned()
    {
        if (_unverified is { } head)
        {
            _unverified = null;
            if (!AuditSignature.IsHead(key, head.Of, head.Signature))
            {
                return Fail(head.Number, "the signature of this head is wrong");
            }

            _signed = head.Of;
        }

        return true;
    }

    private static string WhyNot(long number, long expected) =>
        number < 0 ? "it cannot be read: its line was changed"
        : number == expected ? "it is not as it was written, or the record before it is not"
        : $"record {number} stands in its place: {(number > expected ? "it was removed" : "the order was changed")}";

    private bool Fail(long record, string what)
    {
        _fault ??= new ChainFault(_lastFile, record, what);
        return false;
    }
}
