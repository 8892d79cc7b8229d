using System.Security.Cryptography;
using System.Text;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>Appends to the one chain of a log, whoever else does: each write holds the lock, looks first whether another process has
/// gone on, and follows it. Not for several threads.</summary>
/// <param name="rotates">Whether it begins a new file when one is full or of yesterday, and deletes old ones: running programs do,
/// commands, which an administrator may run as another user, do not.</param>
internal sealed class ChainWriter(AuditPlace place, TimeProvider clock, bool rotates) : IDisposable
{
    /// <summary>Small enough that a start, which follows the newest file, takes some 0.1 s.</summary>
    private const int SegmentBytes = 32 * 1024 * 1024;

    private readonly AuditChain _chain = new(AuditHead.None);
    private readonly NameHider _names = new(place);
    private readonly MemoryStream _batch = new();
    private AuditForm? _form;
    private ECDsa? _key;
    private FileStream? _file;
    private long _length;
    private DateTimeOffset _begun;
    private Guid _log;

    /// <summary>Records that this writer wrote after its last head.</summary>
    public int Unsigned { get; private set; }

    /// <summary>Since <see cref="RetireAsync"/> was called last.</summary>
    public bool HasBegunFile { get; private set; } = true;

    /// <summary>All of them, or none.</summary>
    /// <param name="sign">Then a head follows, and all is on the disk when this returns; otherwise with the system.</param>
    /// <exception cref="IOException">They could not be written.</exception>
    /// <exception cref="AuditFaultException">A key or file cannot be used.</exception>
    public async Task WriteAsync(IReadOnlyList<AuditEntry> entries, bool sign, CancellationToken cancel)
    {
        using var only = await place.LockAsync(clock, cancel);
        Write(entries, sign);
    }

    /// <summary>Deletes files whose time is over, and records first that it does.</summary>
    public async Task RetireAsync(CancellationToken cancel)
    {
        HasBegunFile = false;
        using var only = await place.LockAsync(clock, cancel);
        var segments = AuditSegment.List(place.Folder);
        var over = AuditRetention.CountOver([.. segments.Select(each => each.Beginning()?.Begun)], clock.GetUtcNow(), place.Options.Retention);
        if (over > 0 && segments[over].Beginning() is { } kept)
        {
            Write([new AuditEntry.Retired(clock.GetUtcNow(), kept.After, over, AuditSignature.SignRetired(_key!, kept.After))], sign: true);
            segments.GetRange(0, over).ForEach(segment => File.Delete(segment.Path));
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _form?.Dispose();
        _key?.Dispose();
        _batch.Dispose();
    }

    private void Write(IReadOnlyList<AuditEntry> entries, bool sign)
    {
        _key ??= AuditKeys.Signing(place);
        _form ??= new AuditForm(_names.Hide);
        _names.Refresh();
        try
        {
            var found = Follow();
            _batch.SetLength(0);
            BeginFileIfDue();
            foreach (var entry in found.Concat(entries))
            {
                Add(entry);
            }

            var kept = sign ? Sign() : null;
            _file!.Position = _length;
            _file.Write(_batch.GetBuffer().AsSpan(0, (int)_batch.Length));
            if (kept is not null)
            {
                _file.Flush(flushToDisk: true);
                AuditPlace.Replace(place.HeadFile, Encoding.ASCII.GetBytes(kept), flush: false);
            }

            _length += _batch.Length;
            Unsigned = sign ? 0 : Unsigned + entries.Count;
        }
        catch
        {
            TakeBack();
            throw;
        }
    }

    /// <summary>Finds the end of the chain, and mends what a killed writer left there.</summary>
    private List<AuditEntry> Follow()
    {
        var mended = new List<AuditEntry>();
        if (_file is not null && File.Exists(_file.Name) && _file.Length == _length && !File.Exists(AuditSegment.PathOf(place.Folder, _chain.Number + 1)))
        {
            return mended;
        }

        place.Make();
        if (Newest(mended) is { } newest)
        {
            Follow(newest, mended);
        }
        else
        {
            Forget();
            _chain.Reset(AuditHead.None);
            _log = Guid.NewGuid();
        }

        if (AuditKeys.ReadHead(AuditKeys.HeadText(place), _key!) is { } kept && kept.Number > _chain.Number)
        {
            // Somebody has cut the end off. The log goes on where it had been, in a new file, and the hole stays to be seen.
            mended.Add(new AuditEntry.Repaired(clock.GetUtcNow(), "missing", Path.GetFileName(place.HeadFile), 0, kept.Number - _chain.Number, ""));
            Forget();
            _chain.Reset(kept);
        }

        return mended;
    }

    private void Follow(AuditSegment newest, List<AuditEntry> mended)
    {
        var goesOn = _file is not null && _file.Name == newest.Path && _file.Length >= _length;
        var offset = goesOn ? _length : 0;
        var tail = AuditTail.Find(newest.Read(offset), goesOn ? _chain.Head : null);
        Forget();

        // A damaged file may not even say what its records' numbers were; its name does.
        _chain.Reset(tail.Continue.Number >= newest.First ? tail.Continue : AuditHead.None with { Number = newest.First });
        (_begun, _log) = newest.Beginning() is { } beginning ? (beginning.Begun, beginning.Log) : (default, Guid.NewGuid());
        _length = offset + tail.Good;
        if (tail.Rest > 0)
        {
            mended.Add(new AuditEntry.Repaired(
                clock.GetUtcNow(), tail.IsDamaged ? "damaged" : "torn", newest.Name, _length, tail.Rest, tail.Digest));
        }

        if (!tail.IsDamaged)
        {
            _file = AuditPlace.Open(newest.Path, FileMode.Open, FileShare.ReadWrite | FileShare.Delete);
            _file.SetLength(_length);
        }
    }

    /// <summary>The newest file that has a record: one that a killed writer had only just begun goes.</summary>
    private AuditSegment? Newest(List<AuditEntry> mended)
    {
        while (AuditSegment.List(place.Folder) is [.., var newest])
        {
            var bytes = newest.Read();
            if (bytes.Contains((byte)'\n'))
            {
                return newest;
            }

            mended.Add(new AuditEntry.Repaired(
                clock.GetUtcNow(), "torn", newest.Name, 0, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))));
            File.Delete(newest.Path);
        }

        return null;
    }

    private void BeginFileIfDue()
    {
        var now = clock.GetUtcNow();
        if (_file is not null && (!rotates || (_length < SegmentBytes && now.UtcDateTime.Date <= _begun.UtcDateTime.Date)))
        {
            return;
        }

        Forget();
        _file = AuditPlace.Open(AuditSegment.PathOf(place.Folder, _chain.Number + 1), FileMode.CreateNew, FileShare.ReadWrite | FileShare.Delete);
        (_length, _begun, HasBegunFile) = (0, now, true);
        Add(new AuditEntry.SegmentBegun(now, _log, _chain.Head.Hash));
    }

    /// <returns>The end with this head, signed too, for the file beside the log.</returns>
    private string Sign()
    {
        var of = _chain.Head;
        Add(new AuditEntry.Head(clock.GetUtcNow(), of, AuditSignature.NameOf(_key!), AuditSignature.SignHead(_key!, of)));
        return $"{_chain.Head} {AuditSignature.SignHead(_key!, _chain.Head)}\n";
    }

    private void Add(AuditEntry entry)
    {
        var json = _form!.Write(_chain.Number + 1, entry);
        _chain.Append(json);
        _batch.Write(_chain.Hash);
        _batch.WriteByte((byte)' ');
        _batch.Write(json);
        _batch.WriteByte((byte)'\n');
    }

    /// <summary>What a failed write left; if even that fails, the next one cuts it off.</summary>
    private void TakeBack()
    {
        try
        {
            _file?.SetLength(_length);
        }
        catch (IOException)
        {
        }

        Forget();
    }

    private void Forget()
    {
        _file?.Dispose();
        _file = null;
    }
}
