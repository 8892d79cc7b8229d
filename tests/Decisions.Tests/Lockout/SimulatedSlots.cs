using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>The database's table of slots: of each account and class as many as are held back, each taken by one permit.</summary>
internal sealed class SimulatedSlots(SimulatedRules rules, LockoutPolicy policy)
{
    private readonly List<Slot> _taken = [];
    private readonly HashSet<ulong> _claimed = [];

    /// <summary>False if there is none left, in one of the classes that it would take one of.</summary>
    public bool TryTake(AccountKey account, ulong permit, SourceClass[] of, DateTimeOffset until, bool isClaimed = false)
    {
        var held = rules.SlotsOf(policy.HeldBack());
        if (_taken.Any(slot => slot.Account == account && slot.Permit == permit)
            || of.Any(each => _taken.Count(slot => slot.Account == account && slot.Class == each) >= held))
        {
            return false;
        }

        _taken.AddRange(of.Select(each => new Slot(account, permit, each, until)));
        if (isClaimed)
        {
            _claimed.Add(permit);
        }

        return true;
    }

    /// <summary>By the worker that took it, unless the owner has counted it.</summary>
    public void GiveBack(AccountKey account, ulong permit)
    {
        if (!_claimed.Contains(permit) || rules.GivesBackWhatIsCounted)
        {
            _taken.RemoveAll(slot => slot.Account == account && slot.Permit == permit);
        }
    }

    /// <param name="until">Only if it was taken until then; null: whenever it was taken.</param>
    public void Free(AccountKey account, ulong permit, SourceClass of, DateTimeOffset? until = null) => _taken.RemoveAll(
        slot => slot.Account == account && slot.Permit == permit && slot.Class == of && slot.ExpiresAt == (until ?? slot.ExpiresAt));

    /// <summary>The owner learns of them: from now on they are its own to free.</summary>
    public IReadOnlyList<Slot> Claim(AccountKey account)
    {
        List<Slot> mine = [.. _taken.Where(slot => slot.Account == account)];
        _claimed.UnionWith(mine.Select(slot => slot.Permit));
        return mine;
    }
}
