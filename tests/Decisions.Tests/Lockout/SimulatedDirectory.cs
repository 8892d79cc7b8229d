using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>A domain controller that writes down what it received, and judges by that alone: never more than the budget of
/// binds that failed between two resets, and after that one per lock.</summary>
internal sealed class SimulatedDirectory(SimulatedTime time, LockoutPolicy policy)
{
    private readonly Dictionary<AccountKey, List<Entry>> _received = [];

    public void Receive(AccountKey account, ulong permit, bool isRight) =>
        Of(account).Add(new Entry(time.Now, permit, isRight ? Kind.Right : Kind.Failed));

    /// <summary>The account learnt of this success: failures before it may be forgiven.</summary>
    public void SuccessWasTold(AccountKey account, ulong permit)
    {
        var entries = Of(account);
        var index = entries.FindIndex(entry => entry.Permit == permit && entry.Kind == Kind.Right);
        if (index >= 0)
        {
            entries[index] = entries[index] with { Kind = Kind.Reset };
        }
    }

    public void Unlocked(AccountKey account) => Of(account).Add(new Entry(time.Now, 0, Kind.Reset));

    /// <summary>The first thing that must not have happened; null if nothing.</summary>
    public string? Fault()
    {
        foreach (var (account, entries) in _received)
        {
            var failed = 0;
            DateTimeOffset? last = null;
            foreach (var entry in entries.Where(entry => entry.Kind != Kind.Right))
            {
                if (entry.Kind == Kind.Reset || entry.At - last >= policy.FailureMemory)
                {
                    failed = 0;
                }

                if (entry.Kind == Kind.Failed)
                {
                    failed++;
                    if (failed > policy.Budget && entry.At - last < policy.LockTime)
                    {
                        return $"{account}: failed bind {failed} of {policy.Budget}, {entry.At - last} after the one before, at {entry.At:o}";
                    }

                    last = entry.At;
                }
            }
        }

        return null;
    }

    private List<Entry> Of(AccountKey account) =>
        _received.TryGetValue(account, out var entries) ? entries : _received[account] = [];

    private enum Kind
    {
        Failed,

        /// <summary>A right password of which the account has not heard.</summary>
        Right,
        Reset,
    }

    private readonly record struct Entry(DateTimeOffset At, ulong Permit, Kind Kind);
}
