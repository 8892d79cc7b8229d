using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class NobodysPermitsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void As_many_are_given_as_are_held_back_and_again_when_it_is_forgotten(int held)
    {
        NobodysPermits? known = null;
        Assert.Equal(held, Given(Start));
        Assert.Equal(0, Given(Start + NobodysPermits.Memory));
        Assert.Equal(held, Given(Start + NobodysPermits.Memory + TimeSpan.FromTicks(1)));

        int Given(DateTimeOffset now)
        {
            var given = 0;
            while (NobodysPermits.Take(known, held, now) is { } after)
            {
                (known, given) = (after, given + 1);
            }

            return given;
        }
    }

    [Fact]
    public void It_is_remembered_from_the_first_on()
    {
        var first = NobodysPermits.Take(null, 2, Start)!.Value;
        Assert.Equal(new NobodysPermits(2, Start), NobodysPermits.Take(first, 2, Start + TimeSpan.FromSeconds(59)));
        Assert.False(first.IsPast(Start + NobodysPermits.Memory));
        Assert.True(first.IsPast(Start + NobodysPermits.Memory + TimeSpan.FromTicks(1)));
    }
}
