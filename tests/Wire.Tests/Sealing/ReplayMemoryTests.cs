using Passthrough.Wire.Sealing;

namespace Passthrough.Wire.Tests.Sealing;

public class ReplayMemoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(SealingLimits.MaxSessionMessages - 1)]
    public void A_counter_is_new_once_and_is_no_other_counter(ulong counter)
    {
        var memory = new ReplayMemory();
        Assert.False(memory.Contains(counter));
        Assert.True(memory.TryAdd(counter, Rig.Header()));
        Assert.True(memory.Contains(counter));
        Assert.False(memory.TryAdd(counter, Rig.Header()));
        Assert.False(memory.Contains((counter + 1) % SealingLimits.MaxSessionMessages));
        Assert.False(memory.Contains((counter + SealingLimits.MaxSessionMessages - 1) % SealingLimits.MaxSessionMessages));
    }

    [Fact]
    public void An_attempt_is_new_once_for_each_number()
    {
        var memory = new ReplayMemory();
        var header = Rig.Header();
        Assert.True(memory.TryAdd(0, header));
        Assert.False(memory.TryAdd(1, header));
        Assert.True(memory.TryAdd(2, header with { AttemptNumber = 2 }));
        Assert.True(memory.Contains(1), "the counter of a refused attempt is used up as well");
    }

    [Fact]
    public void A_header_that_cannot_be_read_uses_up_its_counter_only()
    {
        var memory = new ReplayMemory();
        Assert.True(memory.TryAdd(0, null));
        Assert.False(memory.TryAdd(0, null));
        Assert.True(memory.TryAdd(1, null));
    }

    [Fact]
    public void A_whole_session_is_remembered_in_128_KiB_of_counters()
    {
        var memory = new ReplayMemory();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var counter = 0UL; counter < SealingLimits.MaxSessionMessages; counter++)
        {
            Assert.True(memory.TryAdd(counter, null));
        }

        // 2^20 bits, and what 64 arrays have around them.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 128 * 1024, 132 * 1024);
    }
}
