using System.Security.Cryptography;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Decisions.Tests.Audit;

/// <summary>A log as a writer makes it, in memory: three files, a head after every tenth record and at the end of each.</summary>
internal sealed class MadeLog : IDisposable
{
    public static readonly DateTimeOffset Begun = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    private readonly AuditChain _chain = new(AuditHead.None);
    private readonly AuditForm _form = new(name => name);

    public MadeLog(int files = 3, int recordsEach = 40, ECDsa? key = null)
    {
        Key = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (var file = 0; file < files; file++)
        {
            BeginFile();
            for (var i = 1; i <= recordsEach; i++)
            {
                Add(SignIn(i));
                if (i % 10 == 0)
                {
                    Sign();
                }
            }
        }
    }

    public ECDsa Key { get; }

    /// <summary>Number of the first record, and the file.</summary>
    public List<(long First, byte[] Bytes)> Files { get; } = [];

    public AuditHead Head => _chain.Head;

    public AuditHead LastSigned { get; private set; } = AuditHead.None;

    /// <summary>What the writer keeps beside the files: its last head, with the record that says so.</summary>
    public AuditHead Kept { get; private set; } = AuditHead.None;

    public static AuditEntry.SignIn SignIn(int i) => new(
        Begun.AddSeconds(i), new AttemptId(Guid.CreateVersion7(Begun)), i % 3 == 0 ? Verdict.BadPassword : Verdict.Success)
    {
        Tenant = "contoso",
        Account = $"user{i}@corp.example",
        Source = "192.0.2.0/24",
        Agent = "a1",
        DomainController = "dc1.corp.example",
        Route = "corp.example",
        Permit = (ulong)i,
        Times = new SignInTimes(1, 2, 3, 4, 5, 15, 20),
    };

    public void BeginFile()
    {
        Files.Add((_chain.Number + 1, []));
        Add(new AuditEntry.SegmentBegun(Begun, Guid.Empty, _chain.Head.Hash));
    }

    public void Add(AuditEntry entry)
    {
        var json = _form.Write(_chain.Number + 1, entry).ToArray();
        _chain.Append(json);
        var (first, bytes) = Files[^1];
        Files[^1] = (first, [.. bytes, .. _chain.Hash, (byte)' ', .. json, (byte)'\n']);
    }

    public void Sign()
    {
        LastSigned = _chain.Head;
        Add(new AuditEntry.Head(Begun, LastSigned, AuditSignature.NameOf(Key), AuditSignature.SignHead(Key, LastSigned)));
        Kept = _chain.Head;
    }

    /// <summary>Checks these files, as the log's directory would hold them, against the head that the writer kept.</summary>
    public ChainReport Check(IReadOnlyList<(long First, byte[] Bytes)> files, params AuditHead[] known) => Check(Key, files, known);

    public ChainReport Check(ECDsa key, IReadOnlyList<(long First, byte[] Bytes)> files, params AuditHead[] known)
    {
        var check = new ChainCheck(key, known.Length > 0 ? known : [Kept]);
        for (var i = 0; i < files.Count && check.Add($"file {files[i].First}", files[i].First, files[i].Bytes, i == files.Count - 1); i++)
        {
        }

        return check.End();
    }

    /// <summary>The lines of a file, each with its line feed.</summary>
    public static List<byte[]> Lines(byte[] file)
    {
        var lines = new List<byte[]>();
        for (var rest = file.AsSpan(); rest.Length > 0;)
        {
            var end = rest.IndexOf((byte)'\n') is >= 0 and var at ? at + 1 : rest.Length;
            lines.Add(rest[..end].ToArray());
            rest = rest[end..];
        }

        return lines;
    }

    public void Dispose()
    {
        _form.Dispose();
        Key.Dispose();
    }
}
