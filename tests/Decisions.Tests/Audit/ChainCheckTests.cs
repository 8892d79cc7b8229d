using System.Security.Cryptography;
using Passthrough.Decisions.Audit;
using Xunit.Abstractions;

namespace Passthrough.Decisions.Tests.Audit;

public sealed class ChainCheckTests(ITestOutputHelper output) : IDisposable
{
    private readonly MadeLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_log_as_it_was_written_is_whole()
    {
        var report = _log.Check(_log.Files);
        Assert.Null(report.Fault);
        Assert.Equal((1, 135, _log.LastSigned), (report.First, report.Last.Number, report.SignedTo));
        Assert.Empty(report.Notes);
    }

    [Fact]
    public void Each_change_of_one_bit_is_found()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 1000; i++)
        {
            var files = _log.Files.ToList();
            var file = random.Next(files.Count);
            var bytes = files[file].Bytes.ToArray();
            var (at, bit) = (random.Next(bytes.Length), random.Next(8));
            bytes[at] ^= (byte)(1 << bit);
            files[file] = (files[file].First, bytes);
            Assert.True(_log.Check(files).Fault is not null, $"seed {seed}: bit {bit} of byte {at} of file {file} was changed and not found");
        }
    }

    [Fact]
    public void Each_removal_and_each_swap_is_found_and_the_first_bad_record_is_named()
    {
        for (var file = 0; file < _log.Files.Count; file++)
        {
            var (first, bytes) = _log.Files[file];
            var lines = MadeLog.Lines(bytes);
            for (var i = 0; i < lines.Count; i++)
            {
                var without = lines.Where((_, at) => at != i);
                var fault = _log.Check(With(file, without)).Fault;
                Assert.True(fault is not null, $"record {first + i} was removed and not missed");
                Assert.Equal(first + i, fault.Record);
                if (i + 1 < lines.Count)
                {
                    var swapped = lines.ToList();
                    (swapped[i], swapped[i + 1]) = (swapped[i + 1], swapped[i]);
                    Assert.Equal(first + i, _log.Check(With(file, swapped)).Fault?.Record);
                    Assert.Equal(first + i + 1, _log.Check(With(file, lines.Take(i + 1).Append(lines[i]).Concat(lines.Skip(i + 1)))).Fault?.Record);
                }
            }
        }
    }

    [Fact]
    public void Files_that_changed_places_or_are_gone_are_found()
    {
        var (a, b, c) = (_log.Files[0], _log.Files[1], _log.Files[2]);
        Assert.Contains("does not begin", _log.Check([(a.First, b.Bytes), (b.First, a.Bytes), c]).Fault?.What, StringComparison.Ordinal);
        Assert.Equal(46, _log.Check([a, c]).Fault?.Record);
        Assert.Contains("it is missing", _log.Check([a, c]).Fault?.What, StringComparison.Ordinal);
        Assert.Contains("no record says that they were deleted", _log.Check([b, c]).Fault?.What, StringComparison.Ordinal);
        Assert.Equal(91, _log.Check([a, b]).Fault?.Record);
        Assert.Equal(1, _log.Check([]).Fault?.Record);
    }

    [Fact]
    public void A_tail_that_is_cut_off_is_found_up_to_the_last_signed_head()
    {
        _log.Add(MadeLog.SignIn(1));
        var lines = MadeLog.Lines(_log.Files[2].Bytes);
        for (var keep = 1; keep < lines.Count; keep++)
        {
            var report = _log.Check(With(2, lines.Take(keep)));

            Assert.Equal(90 + keep < _log.Kept.Number, report.Fault is not null);
        }

        Assert.Contains("1 record after the last signed head", Assert.Single(_log.Check(_log.Files).Notes), StringComparison.Ordinal);
        var noted = _log.Head;
        var fault = _log.Check(With(2, lines.SkipLast(1)), noted).Fault;
        Assert.Equal(noted.Number, fault?.Record);
    }

    [Fact]
    public void A_line_that_a_killed_writer_did_not_finish_is_told_and_is_no_fault()
    {
        _log.Add(MadeLog.SignIn(1));
        var lines = MadeLog.Lines(_log.Files[2].Bytes);
        foreach (var length in new[] { 1, 44, lines[^1].Length - 1 })
        {
            var report = _log.Check(With(2, lines.SkipLast(1).Append(lines[^1][..length])));
            Assert.Null(report.Fault);
            Assert.Contains($"{length} bytes of a record that was not finished after record 135", report.Notes[0], StringComparison.Ordinal);
        }

        Assert.NotNull(_log.Check([(1, [.. _log.Files[0].Bytes, .. "torn"u8]), .. _log.Files.Skip(1)]).Fault);
    }

    [Fact]
    public void A_log_that_was_written_anew_is_found_by_the_key_and_by_a_head_that_was_noted()
    {
        using var forged = new MadeLog();
        Assert.Contains("did not sign", _log.Check(_log.Key, forged.Files, _log.LastSigned).Fault?.What, StringComparison.Ordinal);
        using var own = ECDsa.Create(_log.Key.ExportParameters(true));
        using var rewritten = new MadeLog(key: own);
        Assert.Null(rewritten.Check(rewritten.Files).Fault);
        Assert.Contains("written anew", _log.Check(rewritten.Files, _log.LastSigned).Fault?.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_with_a_wrong_signature_is_found()
    {
        _log.Add(new AuditEntry.Head(
            MadeLog.Begun, _log.Head, AuditSignature.NameOf(_log.Key), AuditSignature.SignHead(_log.Key, _log.Head with { Number = 1 })));
        Assert.Contains("signature", _log.Check(_log.Files).Fault?.What, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_deleted_in_good_order_is_no_fault_and_no_more_than_that()
    {
        var upTo = new AuditHead(45, AuditFields.Text(Json(_log.Files[1].Bytes), "after")!);
        _log.Add(new AuditEntry.Retired(MadeLog.Begun, upTo, 1, AuditSignature.SignRetired(_log.Key, upTo)));
        _log.Sign();
        Assert.Null(_log.Check(_log.Files).Fault);
        var report = _log.Check([.. _log.Files.Skip(1)]);
        Assert.Null(report.Fault);
        Assert.Equal(46, report.First);
        Assert.NotNull(_log.Check([_log.Files[2]]).Fault);
        Assert.Contains("older than the log", _log.Check([.. _log.Files.Skip(1)], new AuditHead(7, upTo.Hash)).Notes[0], StringComparison.Ordinal);
        Assert.NotNull(_log.Check([.. _log.Files.Skip(1)], upTo with { Hash = AuditHead.None.Hash }).Fault);
    }

    [Fact]
    public void A_deletion_that_nobody_with_the_key_recorded_is_found()
    {
        var upTo = new AuditHead(45, AuditFields.Text(Json(_log.Files[1].Bytes), "after")!);
        _log.Add(new AuditEntry.Retired(MadeLog.Begun, upTo, 1, AuditSignature.SignHead(_log.Key, upTo)));
        Assert.NotNull(_log.Check([.. _log.Files.Skip(1)]).Fault);
    }

    [Fact]
    public void The_lives_of_the_writers_are_told()
    {
        _log.Add(new AuditEntry.RunOpened(MadeLog.Begun, "passthrough-gateway 1.0.0", "r1"));
        _log.Add(new AuditEntry.RunOpened(MadeLog.Begun, "passthrough-gateway 1.0.0", "r2"));
        _log.Add(new AuditEntry.RunClosed(MadeLog.Begun, "r2"));
        _log.Add(new AuditEntry.Gap(MadeLog.Begun, 12, MadeLog.Begun, "full"));
        _log.Add(new AuditEntry.Repaired(MadeLog.Begun, "torn", "f", 1, 2, ""));
        _log.Sign();
        Assert.Equal(
            [
                "1 run is open: it writes now, or was killed and lost its last moment",
                "1 torn end was cut off after a kill",
                "12 records could not be written in time and are missing, as the log itself says",
            ],
            _log.Check(_log.Files).Notes);
    }

    /// <summary>Whatever the bytes are, there is an end and an answer.</summary>
    [Fact]
    public void A_hostile_file_is_a_fault_and_nothing_worse()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 1000; i++)
        {
            var bytes = Mutate(_log.Files[0].Bytes, random);
            var isSame = bytes.AsSpan().SequenceEqual(_log.Files[0].Bytes);
            var report = _log.Check([(1, bytes), .. _log.Files.Skip(1)]);
            Assert.True(isSame || report.Fault is not null, $"seed {seed}, step {i}");
            _ = AuditTail.Find(bytes, null);
            _ = AuditTail.Find(bytes, _log.LastSigned);
            foreach (var line in MadeLog.Lines(bytes))
            {
                _ = AuditFields.All(line);
                _ = new AuditQuery(Accounts: ["x"], Since: MadeLog.Begun).Matches(line);
            }
        }

        Assert.NotNull(_log.Check([(1, new byte[1 << 20])]).Fault);
        Assert.NotNull(_log.Check([(1, [.. Enumerable.Repeat((byte)'\n', 100_000)])]).Fault);
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var made = bytes.ToList();
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            var at = random.Next(made.Count);
            switch (random.Next(5))
            {
                case 0:
                    made[at] = (byte)random.Next(256);
                    break;
                case 1:
                    made.RemoveRange(at, Math.Min(random.Next(1, 2000), made.Count - at - 1));
                    break;
                case 2:
                    made.InsertRange(at, made.GetRange(0, random.Next(1, Math.Min(2000, made.Count))));
                    break;
                case 3:
                    made.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 300)));
                    break;
                default:
                    made.RemoveRange(at + 1, made.Count - at - 1);
                    break;
            }
        }

        return [.. made];
    }

    private List<(long First, byte[] Bytes)> With(int file, IEnumerable<byte[]> lines)
    {
        var files = _log.Files.ToList();
        files[file] = (files[file].First, [.. lines.SelectMany(line => line)]);
        return files;
    }

    private static byte[] Json(byte[] file) => MadeLog.Lines(file)[0][(AuditLine.HashLength + 1)..^1];
}
