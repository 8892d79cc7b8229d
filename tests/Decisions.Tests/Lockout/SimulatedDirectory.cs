using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>A domain controller that writes down what it received, and judges by that alone: for each person and class of
/// sources never more than the budget of binds that failed between two resets, and after that one per lock, each lock twice as
/// long as the one before. A crash while the journal is away may have lost what was counted meanwhile: then half a budget more, of
/// binds that no lock time is between. What failed under an interim permit counts, but does not keep in memory what failed before it:
/// the owner may not have learnt of it.</summary>
/// <param name="slack">By how much clocks may have been wrong.</param>
internal sealed class SimulatedDirectory(SimulatedTime time, LockoutPolicy policy, TimeSpan slack)
{
    private readonly Dictionary<(string Person, SourceClass Class), List<Entry>> _received = [];
    private readonly Dictionary<ulong, (string Person, SourceClass[] Classes)> _granted = [];

    private int _crashesWithoutJournal;

    /// <summary>The class in which a permit was granted last: what its bind is counted in. Of an interim permit both.</summary>
    public void Granted(string person, ulong permit, params SourceClass[] of) => _granted[permit] = (person, of);

    public void Receive(ulong permit, bool isRight)
    {
        if (_granted.TryGetValue(permit, out var whose))
        {
            foreach (var of in whose.Classes)
            {
                Of(whose.Person, of).Add(new Entry(time.Now, permit, isRight ? Kind.Right : Kind.Failed, _crashesWithoutJournal, whose.Classes.Length > 1));
            }
        }
    }

    /// <summary>The account learnt of this success: failures before it may be forgiven.</summary>
    public void SuccessWasTold(ulong permit)
    {
        foreach (var entries in _granted.TryGetValue(permit, out var whose) ? whose.Classes.Select(of => Of(whose.Person, of)) : [])
        {
            var index = entries.FindIndex(entry => entry.Permit == permit && entry.Kind == Kind.Right);
            if (index >= 0)
            {
                entries[index] = entries[index] with { Kind = Kind.Reset };
            }
        }
    }

    /// <summary>What was permitted before it belongs to the time before it, whenever it arrives.</summary>
    public void Unlocked(string person)
    {
        foreach (var of in Enum.GetValues<SourceClass>())
        {
            Of(person, of).Add(new Entry(time.Now, 0, Kind.Reset, _crashesWithoutJournal, IsInterim: false));
        }

        foreach (var permit in _granted.Where(granted => granted.Value.Person == person).Select(granted => granted.Key).ToList())
        {
            _granted.Remove(permit);
        }
    }

    public void CrashedWithoutJournal() => _crashesWithoutJournal++;

    /// <summary>The first thing that must not have happened; null if nothing.</summary>
    public string? Fault()
    {
        foreach (var (whose, entries) in _received)
        {
            var (failed, close, crashesBefore) = (0, 0, 0);
            DateTimeOffset? last = null, lastOfOwner = null;
            foreach (var entry in entries.Where(entry => entry.Kind != Kind.Right))
            {
                if (entry.Kind == Kind.Reset || entry.At - (lastOfOwner ?? last) >= policy.FailureMemory - slack)
                {
                    (failed, close, crashesBefore) = (0, 0, entry.Crashes);
                }

                if (entry.Kind == Kind.Failed)
                {
                    failed++;
                    close += failed == 1 || entry.At - last < policy.LockTime - slack ? 1 : 0;
                    var (over, crashes) = (failed - policy.Budget, entry.Crashes - crashesBefore);
                    if (crashes > 0 ? close > policy.Budget + (crashes * policy.Halved().Budget)
                        : over > 0 && entry.At - last < policy.LockTimeAfter(over - 1) - slack)
                    {
                        return $"{whose}: failed bind {failed} of {policy.Budget}, {entry.At - last} after the one before, at {entry.At:o}, "
                            + $"{crashes} crashes without a journal";
                    }

                    last = entry.At;
                    lastOfOwner = entry.IsInterim ? lastOfOwner : last;
                }
            }
        }

        return null;
    }

    private List<Entry> Of(string person, SourceClass of) =>
        _received.TryGetValue((person, of), out var entries) ? entries : _received[(person, of)] = [];

    private enum Kind
    {
        Failed,

        /// <summary>A right password of which the account has not heard.</summary>
        Right,
        Reset,
    }

    private readonly record struct Entry(DateTimeOffset At, ulong Permit, Kind Kind, int Crashes, bool IsInterim);
}
