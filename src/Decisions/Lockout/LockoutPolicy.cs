namespace Passthrough.Decisions.Lockout;

/// <summary>The numbers of the lockout rule. <see cref="Faults"/> says what is wrong with them; the rule assumes nothing
/// is.</summary>
public sealed record LockoutPolicy
{
    public const int MinBudget = 2;
    public const int MaxBudget = 50;

    public static readonly TimeSpan MinLockTime = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxLockTime = TimeSpan.FromHours(24);
    public static readonly TimeSpan MinPermitLifetime = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxPermitLifetime = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan MinFailureMemory = TimeSpan.FromHours(1);
    public static readonly TimeSpan MaxFailureMemory = TimeSpan.FromDays(30);
    public static readonly TimeSpan MinSourceMemory = TimeSpan.FromDays(1);
    public static readonly TimeSpan MaxSourceMemory = TimeSpan.FromDays(400);

    /// <summary>Binds that may fail in one class of sources before that class is locked. Default 10; 2 to 50. Not 1: after a
    /// crash one charge is assumed, which would lock everyone. The directory's own lockout must come later: its threshold is
    /// above twice this number (docs/LOCKOUT.md says by how much).</summary>
    public int Budget { get; init; } = 10;

    /// <summary>How long the first lock lasts. Each one that follows without a success between them lasts twice as long.
    /// Default 60 s; 1 s to 24 h.</summary>
    public TimeSpan LockTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>No lock lasts longer. Default 1 h; <see cref="LockTime"/> to 24 h.</summary>
    public TimeSpan LongestLock { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a permit is good for; a bind that is not settled by then stays a failure. Longer than a bind may take,
    /// with a margin for the way there and back. Default 15 s; 1 s to 2 min.</summary>
    public TimeSpan PermitLifetime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Failures are forgotten this long after the last of them, or after the end of the lock it caused. Default 24 h;
    /// 1 h to 30 d.</summary>
    public TimeSpan FailureMemory { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A source stays familiar this long after a success from there. Default 90 d; 1 d to 400 d.</summary>
    public TimeSpan SourceMemory { get; init; } = TimeSpan.FromDays(90);

    /// <summary>For as long as the journal cannot be written: half the budget, rounded down, but not less than
    /// <see cref="MinBudget"/>, because the other half may have been lost with a crash.</summary>
    public LockoutPolicy Halved() => this with { Budget = Math.Max(MinBudget, Budget / 2) };

    /// <summary>That many of the budget are given out as a <see cref="Slot"/> and not otherwise, where there are slots: two, of a budget
    /// under 5 one, of the least none.</summary>
    public int HeldBack() => Budget < 3 ? 0 : Budget < 5 ? 1 : 2;

    /// <summary>How long a lock lasts.</summary>
    /// <param name="locks">That many came before it in a row.</param>
    public TimeSpan LockTimeAfter(int locks)
    {
        var time = LockTime;
        for (var doubled = 0; doubled < locks && time < LongestLock; doubled++)
        {
            time *= 2;
        }

        return time < LongestLock ? time : LongestLock;
    }

    /// <summary>Every fault at once, each as the name of a property and what it must be; empty if there is none.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (Budget is < MinBudget or > MaxBudget)
        {
            faults.Add($"{nameof(Budget)} is {Budget}: must be {MinBudget} to {MaxBudget}");
        }

        Check(nameof(LockTime), LockTime, MinLockTime, MaxLockTime);
        Check(nameof(LongestLock), LongestLock, LockTime < MinLockTime ? MinLockTime : LockTime, MaxLockTime);
        Check(nameof(PermitLifetime), PermitLifetime, MinPermitLifetime, MaxPermitLifetime);
        Check(nameof(FailureMemory), FailureMemory, MinFailureMemory, MaxFailureMemory);
        Check(nameof(SourceMemory), SourceMemory, MinSourceMemory, MaxSourceMemory);
        return faults;

        void Check(string name, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                faults.Add($"{name} is {value:c}: must be {least:c} to {most:c}");
            }
        }
    }
}
