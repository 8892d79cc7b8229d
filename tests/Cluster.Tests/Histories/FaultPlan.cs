using System.Collections.Immutable;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>What is done to a cluster.</summary>
internal enum FaultKind
{
    /// <summary>kill -9; the service manager starts it again when the fault ends.</summary>
    KillAgent,

    /// <summary>SIGSTOP, and SIGCONT when the fault ends.</summary>
    PauseAgent,

    /// <summary>No packet between it and the other agents, in either direction. Gateway, directory and journal are reached.</summary>
    CutOff,

    /// <summary>What it sends to the other agents vanishes.</summary>
    CutOffOutward,

    /// <summary>What the other agents send to it vanishes.</summary>
    CutOffInward,

    /// <summary>No packet between it and anybody, the gateway and the directory included. The journal's database is reached.</summary>
    Unplug,

    /// <summary>What agent and gateway send each other arrives late.</summary>
    DelayStream,

    /// <summary>What agent and gateway send each other does not arrive until the fault ends, as while TCP makes up for what is lost.</summary>
    StallStream,

    /// <summary>Its connection to the gateway is broken off, once.</summary>
    BreakStream,

    /// <summary>The database crashes, and recovers when the fault ends.</summary>
    KillJournal,

    /// <summary>The database's processes stand still.</summary>
    PauseJournal,

    /// <summary>The directory crashes, and is started again when the fault ends.</summary>
    KillDirectory,

    /// <summary>The directory stands still.</summary>
    PauseDirectory,

    /// <summary>The disk with the database's tables and write-ahead log has no room. Of histories of its own, as what follows.</summary>
    FillDisk,

    /// <summary>Its wall clock is set an hour forward, and right again when the fault ends.</summary>
    ClockForward,

    /// <summary>Its wall clock is set an hour back, and right again when the fault ends.</summary>
    ClockBack,

    /// <summary>Of what it and everybody else send each other, gateway and directory included, one packet of five vanishes.</summary>
    LosePackets,
}

/// <param name="Agent">Of three, from 0; of no meaning for what has no agent.</param>
/// <param name="From">Since the history began.</param>
internal sealed record Fault(FaultKind Kind, int Agent, TimeSpan From, TimeSpan Duration)
{
    public TimeSpan Until => From + Duration;

    public bool IsOfAgent => Kind is < FaultKind.KillJournal or > FaultKind.FillDisk;

    public bool IsOfJournal => Kind is FaultKind.KillJournal or FaultKind.PauseJournal or FaultKind.FillDisk;

    /// <summary>What it is done to: the agent, or the journal or the directory as numbers above theirs.</summary>
    public int Target => Kind switch
    {
        FaultKind.KillJournal or FaultKind.PauseJournal or FaultKind.FillDisk => FaultPlan.Agents,
        FaultKind.KillDirectory or FaultKind.PauseDirectory => FaultPlan.Agents + 1,
        _ => Agent,
    };

    public override string ToString() =>
        $"{Kind}{(IsOfAgent ? $" agent-{Agent + 1}" : "")} {From.TotalSeconds:0.0}-{Until.TotalSeconds:0.0} s";
}

/// <summary>Which faults a history of a seed has: one to four, that may overlap. The same for the same seed, on every machine.</summary>
internal static class FaultPlan
{
    public const int Agents = 3;

    /// <summary>Callers ask from the beginning to the end. Faults are over before, so that it is seen what comes after.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(30), FirstAt = TimeSpan.FromSeconds(2), AllOver = TimeSpan.FromSeconds(24);

    /// <summary>A seed's meaning stays what it was: kinds that came later have histories of their own.</summary>
    public const FaultKind LastSeeded = FaultKind.PauseDirectory;

    private const int MostFaults = 4;
    private static readonly TimeSpan LastBeginning = TimeSpan.FromSeconds(12), Shortest = TimeSpan.FromMilliseconds(300);

    public static ImmutableArray<Fault> Of(int seed)
    {
        var random = new Numbers((ulong)seed);
        var faults = ImmutableArray.CreateBuilder<Fault>();
        for (var left = 1 + random.Below(MostFaults); left > 0; left--)
        {
            var kind = (FaultKind)random.Below((int)LastSeeded + 1);
            var from = FirstAt + (random.Part() * (LastBeginning - FirstAt));

            // Half of them are shorter than the cluster takes to notice, half long enough that it decides.
            var longest = random.Below(2) == 0 ? TimeSpan.FromSeconds(3) : Longest(kind);
            var fault = new Fault(kind, random.Below(Agents), from, Shortest + (random.Part() * (longest - Shortest)));
            if (fault.Until > AllOver)
            {
                fault = fault with { Duration = AllOver - fault.From };
            }

            // A process that is stopped twice, or a switch that is thrown twice, would be one fault.
            if (!faults.Any(other => Collides(other, fault)))
            {
                faults.Add(fault);
            }
        }

        return [.. faults.OrderBy(fault => fault.From)];
    }

    /// <summary>The directory serves everybody: without it there is nothing to see.</summary>
    private static TimeSpan Longest(FaultKind kind) => kind switch
    {
        FaultKind.KillDirectory or FaultKind.PauseDirectory => TimeSpan.FromSeconds(6),
        FaultKind.StallStream => TimeSpan.FromSeconds(12),
        _ => TimeSpan.FromSeconds(20),
    };

    private static bool Collides(Fault one, Fault other) =>
        one.From <= other.Until && other.From <= one.Until && one.Target == other.Target;

    /// <summary>SplitMix64: System.Random may change with the runtime, and with it what a seed means.</summary>
    private sealed class Numbers(ulong seed)
    {
        private ulong _state = seed;

        public int Below(int bound) => (int)(Next() % (ulong)bound);

        /// <summary>In [0, 1).</summary>
        public double Part() => (Next() >> 11) * (1.0 / (1UL << 53));

        private ulong Next()
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
