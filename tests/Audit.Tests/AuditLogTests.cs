using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit.Tests;

/// <summary>The writer on a real disk, and what its files say afterwards.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("passthrough-audit-");
    private readonly AuditOptions _options = new() { Pseudonyms = false };

    private AuditPlace Place => new(_state.FullName, _options);

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task What_is_appended_is_there_once_signed_and_in_order()
    {
        await using (var log = Open())
        {
            for (var i = 0; i < 2500; i++)
            {
                log.Append(SignIn(i));
            }
        }

        Assert.Equal(Enumerable.Range(0, 2500).Select(i => $"user{i}@corp.example"), (await AllAsync("signIn")).Select(json => Field(json, "account")));
        var report = await VerifyAsync();
        Assert.Null(report.Fault);
        Assert.Empty(report.Notes);
        Assert.Equal(report.Last.Number - 1, report.SignedTo!.Number);
        Assert.Equal(["opened", "closed"], (await AllAsync()).Select(json => Field(json, "kind")!).Where(kind => kind is "opened" or "closed"));
    }

    [Fact]
    public async Task Files_and_keys_are_their_owners_alone()
    {
        await using (var log = Open())
        {
            log.Append(SignIn(1));
        }

        Assert.All(
            Directory.EnumerateFiles(_state.FullName, "*", SearchOption.AllDirectories),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Place.Folder));
        File.SetUnixFileMode(Place.SigningKeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", (await Assert.ThrowsAsync<AuditFaultException>(VerifyAsync)).Message, StringComparison.Ordinal);
    }

    /// <summary>Commands write to the chain that a running program writes to.</summary>
    [Fact]
    public async Task Several_writers_make_one_chain()
    {
        await using (var log = Open())
        await using (var other = Open())
        {
            var acts = Enumerable.Range(0, 8).Select(i => Task.Run(() => AuditLog.AppendAsync(Place, Act(i), TimeProvider.System, default)));
            for (var i = 0; i < 200; i++)
            {
                log.Append(SignIn(i));
                other.Append(SignIn(1000 + i));
            }

            await Task.WhenAll(acts);
        }

        var report = await VerifyAsync();
        Assert.Null(report.Fault);
        Assert.Empty(report.Notes);
        Assert.Equal(400, (await AllAsync("signIn")).Count);
        Assert.Equal(8, (await AllAsync("act")).Count);
    }

    [Fact]
    public async Task A_torn_end_is_cut_off_and_recorded()
    {
        await WriteAsync(10);
        var file = Directory.GetFiles(Place.Folder).Single();
        await File.AppendAllTextAsync(file, "0123456789 {\"n\":99,\"kind");
        Assert.Contains("not finished", (await VerifyAsync()).Notes[0], StringComparison.Ordinal);
        await WriteAsync(10);
        var report = await VerifyAsync();
        Assert.Null(report.Fault);
        Assert.Equal(["1 torn end was cut off after a kill"], report.Notes);
        var repaired = Assert.Single(await AllAsync("repaired"));
        Assert.Equal(("torn", "24"), (Field(repaired, "what"), Field(repaired, "bytes")));
    }

    [Fact]
    public async Task A_file_that_was_only_begun_is_begun_again()
    {
        await WriteAsync(10);
        var last = (await VerifyAsync()).Last.Number;
        await File.WriteAllTextAsync(AuditSegment.PathOf(Place.Folder, last + 1), "");
        await WriteAsync(10);
        Assert.Null((await VerifyAsync()).Fault);
    }

    [Fact]
    public async Task A_damaged_file_stays_as_evidence_and_the_log_goes_on_in_another()
    {
        await WriteAsync(10);
        var file = Directory.GetFiles(Place.Folder).Single();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[700] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await WriteAsync(10);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file));
        Assert.Equal(2, Directory.GetFiles(Place.Folder).Length);
        Assert.Equal("damaged", Field(Assert.Single(await AllAsync("repaired")), "what"));
        Assert.Equal("audit-000000000001.log", (await VerifyAsync()).Fault?.File);
        await WriteAsync(1);
        Assert.Equal(2, Directory.GetFiles(Place.Folder).Length);
    }

    [Fact]
    public async Task Files_that_were_deleted_are_missed_and_what_is_written_later_does_not_hide_it()
    {
        await WriteAsync(10);
        Directory.Delete(Place.Folder, recursive: true);
        Assert.Contains("missing", (await VerifyAsync()).Fault?.What, StringComparison.Ordinal);
        await WriteAsync(1);
        Assert.Contains("no record says that they were deleted", (await VerifyAsync()).Fault?.What, StringComparison.Ordinal);
        Assert.Equal("missing", Field(Assert.Single(await AllAsync("repaired")), "what"));
    }

    [Fact]
    public async Task An_end_that_was_cut_off_is_missed_and_what_is_written_later_does_not_hide_it()
    {
        await WriteAsync(10);
        var file = Directory.GetFiles(Place.Folder).Single();
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllTextAsync(file, string.Concat(lines.SkipLast(1).Select(line => line + '\n')));
        Assert.Equal(lines.Length, (await VerifyAsync()).Fault?.Record);
        await WriteAsync(1);
        Assert.Equal(lines.Length, (await VerifyAsync()).Fault?.Record);
    }

    [Fact]
    public async Task A_kept_head_that_was_changed_is_found()
    {
        await WriteAsync(10);
        await File.WriteAllTextAsync(Place.HeadFile, (await File.ReadAllTextAsync(Place.HeadFile)).Replace(':', '1'));
        Assert.True((await Assert.ThrowsAsync<AuditFaultException>(VerifyAsync)).IsBroken);
    }

    [Fact]
    public async Task Each_day_has_a_file_and_old_ones_are_deleted_with_a_record_that_says_so()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 23, 0, 0, TimeSpan.Zero));
        _options.Retention = TimeSpan.FromDays(2);
        using (var writer = new ChainWriter(Place, clock, rotates: true))
        {
            for (var day = 0; day < 6; day++)
            {
                await writer.WriteAsync([SignIn(day)], sign: true, default);
                await writer.RetireAsync(default);
                clock.Advance(TimeSpan.FromDays(1));
            }
        }

        var report = await VerifyAsync();
        Assert.Null(report.Fault);
        Assert.True(report.First > 1);
        Assert.Equal(["user3@corp.example", "user4@corp.example", "user5@corp.example"], (await AllAsync("signIn")).Select(json => Field(json, "account")));
        File.Delete(AuditSegment.List(Place.Folder)[0].Path);
        Assert.Contains("no record says that they were deleted", (await VerifyAsync()).Fault?.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_holds_nobody_up_and_what_is_lost_is_told_in_the_log()
    {
        var lines = new Lines();
        await using (var log = AuditLog.Open(Place, "test", TimeProvider.System, lines))
        {
            log.Append(SignIn(0));
            await EventuallyAsync(async () => (await AllAsync("signIn")).Count == 1);

            // The folder is a file now: what a writer finds when a disk is gone.
            Directory.Move(Place.Folder, Place.Folder + ".away");
            await File.WriteAllTextAsync(Place.Folder, "");
            var since = Stopwatch.GetTimestamp();
            for (var i = 0; i < 40_000; i++)
            {
                log.Append(SignIn(i));
            }

            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5), "appending waited for the disk");
            await EventuallyAsync(() => Task.FromResult(lines.All.Any(line => line.StartsWith("Error 4000", StringComparison.Ordinal))));
            File.Delete(Place.Folder);
            Directory.Move(Place.Folder + ".away", Place.Folder);
            await EventuallyAsync(async () => (await AllAsync("gap")).Count > 0);
        }

        var report = await VerifyAsync();
        Assert.Null(report.Fault);
        var lost = (await AllAsync("gap")).Sum(json => long.Parse(Field(json, "lost")!, null));
        Assert.Equal(40_001, (await AllAsync("signIn")).Count + lost);
        Assert.Single(lines.All, line => line.StartsWith("Error 4000", StringComparison.Ordinal));
        Assert.Contains(lines.All, line => line.StartsWith("Warning 4001", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Erasing_a_person_leaves_the_records_and_the_chain_and_takes_the_name()
    {
        _options.Pseudonyms = true;
        await WriteAsync(3);
        var before = (await AllAsync("signIn")).Select(json => Field(json, "account")).ToList();
        Assert.All(before, account => Assert.StartsWith("~", account, StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFiles(_state.FullName, "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains("user1", StringComparison.Ordinal));

        await using (var log = Open())
        {
            log.Append(SignIn(1));
            await EventuallyAsync(async () => (await AllAsync("signIn")).Count == 4);
            AuditKeys.Keep(Place, AuditKeys.Names(Place).Erase("User1@corp.example", AuditKeys.Secret()));
            log.Append(SignIn(1));
            log.Append(SignIn(2));
        }

        var after = (await AllAsync("signIn")).Select(json => Field(json, "account")).ToList();
        Assert.Equal(before, after[..3]);
        Assert.Equal(before[1], after[3]);
        Assert.NotEqual(before[1], after[4]);
        Assert.Equal(before[2], after[5]);
        var names = AuditKeys.Names(Place);
        Assert.DoesNotContain(before[1], Enumerable.Range(0, 100).Select(i => names.Of($"user{i}@corp.example")));
        Assert.Null((await VerifyAsync()).Fault);
    }

    [Fact]
    public async Task A_log_that_is_switched_off_writes_nothing()
    {
        _options.Enabled = false;
        await WriteAsync(3);
        await AuditLog.AppendAsync(Place, Act(1), TimeProvider.System, default);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_state.FullName));
    }

    /// <summary>What a sign-in pays: the record itself and its place in the queue.</summary>
    [Fact]
    public async Task Appending_allocates_nothing_beside_the_record()
    {
        await using var log = Open();
        var entry = SignIn(1);
        log.Append(entry);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            log.Append(entry);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 32 * 1000, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes for 1,000 records");
    }

    private AuditLog Open() => AuditLog.Open(Place, "test", TimeProvider.System, NullLogger.Instance);

    private async Task WriteAsync(int count)
    {
        await using var log = Open();
        for (var i = 0; i < count; i++)
        {
            log.Append(SignIn(i));
        }
    }

    private static AuditEntry.SignIn SignIn(int i) => new(TimeProvider.System.GetUtcNow(), new AttemptId(Guid.CreateVersion7()), Verdict.Success)
    {
        Account = $"user{i}@corp.example",
        Source = "192.0.2.0/24",
    };

    private static AuditEntry.Act Act(int i) => new(TimeProvider.System.GetUtcNow(), "root", $"tenant create t{i}", "done");

    private Task<ChainReport> VerifyAsync() => AuditReader.VerifyAsync(Place, [], TimeProvider.System, default);

    private async Task<List<byte[]>> AllAsync(string? kind = null)
    {
        var all = new List<byte[]>();
        await foreach (var json in AuditReader.FindAsync(Place, new AuditQuery(), TimeProvider.System, default))
        {
            if (kind is null || Field(json.ToArray(), "kind") == kind)
            {
                all.Add(json.ToArray());
            }
        }

        return all;
    }

    private static string? Field(byte[] json, string name) => AuditFields.Text(json, name);

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30), "never");
            await timer.WaitForNextTickAsync();
        }
    }

    private sealed class Lines : ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)}");
    }
}
