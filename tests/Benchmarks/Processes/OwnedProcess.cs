using System.Diagnostics;

namespace Passthrough.Benchmarks.Processes;

/// <summary>A program that this run started. Its output goes to a file; it ends with the run, by its own id.</summary>
internal sealed class OwnedProcess : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(10);
    private readonly Process _process;
    private readonly Task _outputCopied;

    private OwnedProcess(string name, Process process, string logFile, Task outputCopied) =>
        (Name, _process, LogFile, _outputCopied) = (name, process, logFile, outputCopied);

    public string Name { get; }

    public int Id => _process.Id;

    public string LogFile { get; }

    public static OwnedProcess Start(
        string name, string logFile, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        var process = Process.Start(start) ?? throw new BenchmarkFault($"{name}: {program} did not start");
        process.StandardInput.Close();
        return new OwnedProcess(name, process, logFile, CopyOutputAsync(process, logFile));
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote on its standard output.</returns>
    /// <exception cref="BenchmarkFault">It ended with another exit code than 0, or not in time.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan timeout, CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        using var process = Process.Start(start) ?? throw new BenchmarkFault($"{program} did not start");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            if (process.ExitCode == 0) return await output;
            throw new BenchmarkFault($"{program} ended with exit code {process.ExitCode}: {(await errors).Trim()} {(await output).Trim()}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BenchmarkFault($"{program} did not end within {timeout.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Waits until the program is ready, and stops waiting when it has ended.</summary>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> ready, TimeSpan timeout, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout);
        try
        {
            while (!await ready(deadline.Token))
            {
                if (_process.HasExited)
                {
                    await _outputCopied;
                    throw new BenchmarkFault($"{Name} ended with exit code {_process.ExitCode}: {await LastLinesAsync()}");
                }
                await Task.Delay(PollInterval, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BenchmarkFault($"{Name} was not ready within {timeout.TotalSeconds:0} s: {await LastLinesAsync()}");
        }
    }

    public Task WaitForExitAsync(CancellationToken cancel) => _process.WaitForExitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await RunAsync("kill", ["-TERM", $"{Id}"], TimeToStop, CancellationToken.None).ContinueWith(static _ => { }, TaskScheduler.Default);
            using var deadline = new CancellationTokenSource(TimeToStop);
            await _process.WaitForExitAsync(deadline.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }
        await _outputCopied;
        _process.Dispose();
    }

    private static async Task CopyOutputAsync(Process process, string logFile)
    {
        await using var writer = TextWriter.Synchronized(new StreamWriter(logFile, append: true) { AutoFlush = true });
        await Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));

        async Task CopyAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line) writer.WriteLine(line);
        }
    }

    private async Task<string> LastLinesAsync()
    {
        await using var stream = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(" | ", lines.TakeLast(8));
    }
}
