using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public class SlotTests
{
    /// <summary>Of ten two are held back, of four one, of two none.</summary>
    [Theory]
    [InlineData(10, 0, 0, 0, 0)]
    [InlineData(10, 8, 0, 0, 0)]
    [InlineData(10, 9, 0, 0, 1)]
    [InlineData(10, 8, 2, 0, 2)]
    [InlineData(10, 8, 2, 1, 1)]
    [InlineData(10, 10, 0, 2, 0)]
    [InlineData(10, 14, 1, 0, 2)]
    [InlineData(4, 3, 0, 0, 0)]
    [InlineData(4, 4, 0, 0, 1)]
    [InlineData(2, 2, 0, 0, 0)]
    public void What_was_counted_without_slots_lacks_those_that_it_reaches_into(int budget, int failures, int open, int slots, int missing)
    {
        var state = new ClassState
        {
            Failed = failures + 3,
            Forgiven = 3,
            Open = [.. Enumerable.Range(1, open).Select(permit => new Charge((ulong)permit, default(AttemptId), default, 0, ClientSource.Nowhere, ""))],
            Slots = [.. Enumerable.Range(1, slots).Select(permit => (ulong)permit)],
        };
        Assert.Equal(missing, Slot.Missing(state, new LockoutPolicy { Budget = budget }));
    }
}
