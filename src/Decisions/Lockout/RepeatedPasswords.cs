using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>A password that a domain controller found wrong.</summary>
/// <param name="PasswordSetAt">The account's pwdLastSet as it was looked up for that attempt, in its own unit; 0 if it has
/// none.</param>
public readonly record struct WrongPassword(PasswordDigest Digest, long PasswordSetAt);

/// <summary>The last wrong passwords of an account: a device that goes on trying an old one is answered without a bind and
/// without a charge. Lives in memory only.</summary>
public sealed record RepeatedPasswords
{
    /// <summary>How many are kept: the one that was not used for the longest time is dropped for a new one.</summary>
    public const int MaxKept = 3;

    /// <summary>Each is kept this long after its last use.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    public static readonly RepeatedPasswords None = new();

    /// <summary>The least recently used first.</summary>
    private ImmutableArray<Kept> All { get; init; } = [];

    public bool IsEmpty => All.IsEmpty;

    /// <summary>What a command changes, and what the asker must compare the password with before it is granted anything: even
    /// under a lock, so that what repeats by itself does not come back as a guess when the lock ends.</summary>
    public (RepeatedPasswords Next, ImmutableArray<PasswordDigest> CompareFirst) After(ICommand command, DateTimeOffset now) => command switch
    {
        AskPermit { IsCompared: false } ask when !IsEmpty => (this, Recall(ask.PasswordSetAt, now)),
        SettlePermit { How: Settlement.Failed, Wrong: { } wrong } => (Used(wrong, now), []),
        RepeatWrong repeat => (Used(repeat.Wrong, now), []),
        UnlockAccount => (None, []),
        _ => (this, []),
    };

    /// <summary>Those that are still wrong: not too old, and not from before the password was set anew.</summary>
    public ImmutableArray<PasswordDigest> Recall(long passwordSetAt, DateTimeOffset now) =>
        [.. Fresh(passwordSetAt, now).Select(kept => kept.Wrong.Digest)];

    /// <summary>It was found wrong, or was typed again: it is the most recent.</summary>
    public RepeatedPasswords Used(WrongPassword wrong, DateTimeOffset now)
    {
        var others = Fresh(wrong.PasswordSetAt, now).Where(kept => kept.Wrong.Digest != wrong.Digest).ToImmutableArray();
        return new RepeatedPasswords { All = [.. others.Skip(others.Length + 1 - MaxKept), new Kept(wrong, now)] };
    }

    private IEnumerable<Kept> Fresh(long passwordSetAt, DateTimeOffset now) =>
        All.Where(kept => kept.Wrong.PasswordSetAt == passwordSetAt && kept.UsedAt + Memory > now);

    private readonly record struct Kept(WrongPassword Wrong, DateTimeOffset UsedAt);
}
