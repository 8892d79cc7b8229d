using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>The audit and sign-in log of a program that runs. What is appended is written by one task of its own, in batches: nobody
/// waits for the disk, and what has no room is counted and told in the log itself.</summary>
public sealed class AuditLog : IAsyncDisposable
{
    /// <summary>Records that may wait: some seconds of the highest rate that was measured, 4 MB at most.</summary>
    private const int Capacity = 16_384;

    /// <summary>A head signs at least so many records, and comes at the latest so long after one.</summary>
    private const int SignAfter = 1000;

    private static readonly TimeSpan SignInterval = TimeSpan.FromSeconds(5);

    /// <summary>What comes within it is written at once; what a killed program takes with it.</summary>
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Between two lines of the program's log about what was lost.</summary>
    private static readonly TimeSpan TellInterval = TimeSpan.FromMinutes(1);

    private readonly Channel<AuditEntry>? _channel;
    private readonly AuditPlace _place;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ChainWriter _writer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running = Task.CompletedTask;
    private long _signedAt;
    private long _lost, _lostSince;
    private long _untold, _toldAt;
    private bool _isFailing;

    private AuditLog(AuditPlace place, string program, TimeProvider clock, ILogger log)
    {
        (_place, _clock, _log, _signedAt) = (place, clock, log, clock.GetTimestamp());
        _writer = new ChainWriter(place, clock, rotates: true);
        if (place.Options.Enabled)
        {
            place.Make();
            _channel = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(Capacity) { SingleReader = true });
            _running = Task.Run(() => RunAsync(program));
        }
    }

    /// <summary>A log that records nothing.</summary>
    public static AuditLog Off { get; } = new(
        new AuditPlace("/", new AuditOptions { Enabled = false }), "", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    /// <param name="program">Name and version.</param>
    /// <exception cref="AuditFaultException">Its directory cannot be made, or others may enter it.</exception>
    public static AuditLog Open(AuditPlace place, string program, TimeProvider clock, ILogger log) => new(place, program, clock, log);

    /// <summary>Writes one act of a command, in a process of its own beside the program that runs, signed and on the disk.</summary>
    /// <exception cref="AuditFaultException">It could not be written.</exception>
    public static async Task AppendAsync(AuditPlace place, AuditEntry.Act act, TimeProvider clock, CancellationToken cancel)
    {
        if (!place.Options.Enabled)
        {
            return;
        }

        try
        {
            using var writer = new ChainWriter(place, clock, rotates: false);
            await writer.WriteAsync([act], sign: true, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditFaultException($"the audit log in {place.Folder} cannot be written: {e.Message}", cause: e);
        }
    }

    /// <summary>Never waits, never throws.</summary>
    public void Append(AuditEntry entry)
    {
        if (_channel is not null && !_channel.Writer.TryWrite(entry))
        {
            Interlocked.CompareExchange(ref _lostSince, entry.At.UtcTicks, 0);
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes what waits, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_channel?.Writer.TryComplete() == true)
        {
            await _stopping.CancelAsync();
            await _running;
            _writer.Dispose();
            _stopping.Dispose();
        }
    }

    private async Task RunAsync(string program)
    {
        var run = Guid.NewGuid().ToString("n");
        List<AuditEntry> batch = [new AuditEntry.RunOpened(_clock.GetUtcNow(), program, run)];
        bool goesOn;
        do
        {
            await WriteAsync(batch, isLast: false);
            goesOn = await WaitAsync();
            batch.Clear();
            while (batch.Count < Capacity && _channel!.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }
        }
        while (goesOn || batch.Count == Capacity);

        batch.Add(new AuditEntry.RunClosed(_clock.GetUtcNow(), run));
        await WriteAsync(batch, isLast: true);
    }

    /// <returns>False: nothing more will come.</returns>
    private async Task<bool> WaitAsync()
    {
        var left = SignInterval - _clock.GetElapsedTime(_signedAt);
        using var due = _writer.Unsigned == 0
            ? new CancellationTokenSource()
            : new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _clock);
        try
        {
            if (!await _channel!.Reader.WaitToReadAsync(due.Token))
            {
                return false;
            }
        }
        catch (OperationCanceledException)
        {
            return true;
        }

        await Task.Delay(BatchTime, _clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    private async Task WriteAsync(List<AuditEntry> batch, bool isLast)
    {
        while (true)
        {
            var lost = AddGap(batch);
            try
            {
                var sign = isLast || _writer.Unsigned + batch.Count >= SignAfter || _clock.GetElapsedTime(_signedAt) >= SignInterval;
                if (batch.Count + _writer.Unsigned > 0)
                {
                    await _writer.WriteAsync(batch, sign, CancellationToken.None);
                    _signedAt = sign ? _clock.GetTimestamp() : _signedAt;
                }

                if (_writer.HasBegunFile)
                {
                    await _writer.RetireAsync(CancellationToken.None);
                }

                TellWritten(lost);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or AuditFaultException)
            {
                TakeGapBack(batch, lost);
                if (_stopping.IsCancellationRequested)
                {
                    _log.LostAtStop(_place.Folder, batch.Count + lost);
                    return;
                }

                TellNotWritten(e);
                await Task.Delay(RetryInterval, _clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                // A fault of this program: the same records would fail again.
                TakeGapBack(batch, lost + batch.Count);
                _log.Failed(e, _place.Folder, batch.Count);
                return;
            }
        }
    }

    private long AddGap(List<AuditEntry> batch)
    {
        var lost = Interlocked.Exchange(ref _lost, 0);
        if (lost > 0)
        {
            var since = new DateTimeOffset(Interlocked.Exchange(ref _lostSince, 0), TimeSpan.Zero);
            batch.Add(new AuditEntry.Gap(_clock.GetUtcNow(), lost, since, "the disk was slower than what came, or could not be written"));
        }

        return lost;
    }

    private void TakeGapBack(List<AuditEntry> batch, long lost)
    {
        if (lost > 0)
        {
            var since = batch is [.., AuditEntry.Gap gap] ? gap.Since : _clock.GetUtcNow();
            batch.RemoveAll(entry => entry is AuditEntry.Gap);
            Interlocked.Exchange(ref _lostSince, since.UtcTicks);
            Interlocked.Add(ref _lost, lost);
        }
    }

    private void TellNotWritten(Exception e)
    {
        if (!_isFailing)
        {
            _isFailing = true;
            _log.NotWritten(_place.Folder, e.Message, Capacity);
        }
    }

    private void TellWritten(long lost)
    {
        _untold += lost;
        if (_isFailing || (_untold > 0 && _clock.GetElapsedTime(_toldAt) >= TellInterval))
        {
            _log.WrittenAgain(_place.Folder, _untold);
            (_isFailing, _untold, _toldAt) = (false, 0, _clock.GetTimestamp());
        }
    }
}
