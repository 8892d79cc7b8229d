using System.Buffers.Binary;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>The wall clock of one agent, set as somebody sets a machine's clock: the one that only runs forward stays as it is. Knows which
/// moment it meant by what it said.</summary>
internal sealed class SteppedClock
{
    private readonly string _file;
    private readonly List<Step> _steps = [];

    private SteppedClock(string file, string library)
    {
        _file = file;
        Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["CLOCK_AHEAD_FILE"] = file };
    }

    /// <summary>Of the process that has it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>It begins right.</summary>
    /// <param name="file">How far it is ahead, for the library that stands between the process and its clock.</param>
    public static async Task<SteppedClock> MakeAsync(string file)
    {
        var library = $"{file}.so";
        await ServiceProcess.RunAsync(
            new Dictionary<string, string>(), "cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library,
            Path.Combine(Installation.RepositoryRoot, "tests/Cluster.Tests/Histories/clock.c"), "-ldl");
        var clock = new SteppedClock(file, library);
        clock.Set(TimeSpan.Zero);
        return clock;
    }

    /// <summary>From now on.</summary>
    public void Set(TimeSpan ahead)
    {
        lock (_steps)
        {
            // In place: it is mapped.
            using var written = new FileStream(_file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            Span<byte> seconds = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(seconds, (long)ahead.TotalSeconds);
            written.Write(seconds);
            _steps.Add(new Step(TimeProvider.System.GetUtcNow(), ahead));
        }
    }

    /// <param name="before">The true time of what it said before.</param>
    public DateTimeOffset MomentOf(DateTimeOffset said, DateTimeOffset before)
    {
        lock (_steps)
        {
            return MomentOf(_steps, said, before);
        }
    }

    /// <summary>The first, not before the other, at which it said so.</summary>
    internal static DateTimeOffset MomentOf(IReadOnlyList<Step> steps, DateTimeOffset said, DateTimeOffset before)
    {
        // What it said is written a little after it was asked, and later where the machine is busy.
        var doubt = TimeSpan.FromSeconds(5);
        for (var i = 0; i < steps.Count; i++)
        {
            var moment = said - steps[i].Ahead;
            if (moment + doubt >= before && moment + doubt >= steps[i].From && (i + 1 == steps.Count || moment <= steps[i + 1].From + doubt))
            {
                return moment;
            }
        }

        throw new ArgumentException($"this clock never said {said:u}", nameof(said));
    }

    /// <param name="Ahead">Of the true time.</param>
    internal readonly record struct Step(DateTimeOffset From, TimeSpan Ahead);
}
