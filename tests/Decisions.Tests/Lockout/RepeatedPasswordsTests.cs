using System.Net;
using CsCheck;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class RepeatedPasswordsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountKey Anna = new("corp.example", new Guid(1, 0, 0, new byte[8]));
    private static readonly DigestKey Key = KeyOf(1);

    [Theory, InlineData(0, true), InlineData(599, true), InlineData(600, false)]
    public void A_wrong_password_is_known_for_ten_minutes(int seconds, bool isKnown) =>
        Assert.Equal(isKnown, Knows(RepeatedPasswords.None.Used(Wrong("a"), Noon), "a", seconds));

    [Fact]
    public void Typing_it_again_makes_it_known_for_ten_minutes_more()
    {
        var repeated = RepeatedPasswords.None.Used(Wrong("a"), Noon);
        for (var minute = 9; minute < 100; minute += 9)
        {
            Assert.True(Knows(repeated, "a", 60 * minute));
            repeated = repeated.Used(Wrong("a"), Noon.AddMinutes(minute));
        }
    }

    [Fact]
    public void Three_are_known_and_the_one_that_was_not_used_for_longest_goes()
    {
        var repeated = RepeatedPasswords.None
            .Used(Wrong("a"), Noon).Used(Wrong("b"), Noon).Used(Wrong("c"), Noon).Used(Wrong("a"), Noon).Used(Wrong("d"), Noon);

        Assert.Equal((true, false, true, true), (Knows(repeated, "a"), Knows(repeated, "b"), Knows(repeated, "c"), Knows(repeated, "d")));
    }

    [Theory, InlineData(1, true), InlineData(2, false), InlineData(0, false)]
    public void None_is_known_once_the_password_was_set_anew(long passwordSetAt, bool isKnown) =>
        Assert.Equal(isKnown, Knows(RepeatedPasswords.None.Used(Wrong("a", 1), Noon), "a", passwordSetAt: passwordSetAt));

    [Fact]
    public void Who_has_not_compared_yet_must_and_nobody_must_who_has_or_needs_not()
    {
        var repeated = RepeatedPasswords.None.Used(Wrong("a", 1), Noon);
        var ask = new AskPermit(Anna, ClientSource.Nowhere, default, 1) { PasswordSetAt = 1 };

        Assert.Single(repeated.After(ask, Noon).CompareFirst);
        Assert.Empty(repeated.After(ask with { IsCompared = true }, Noon).CompareFirst);
        Assert.Empty(repeated.After(ask with { PasswordSetAt = 2 }, Noon).CompareFirst);
        Assert.Empty(RepeatedPasswords.None.After(ask, Noon).CompareFirst);
    }

    [Theory]
    [InlineData(Settlement.Failed, true)]
    [InlineData(Settlement.Refunded, false)]
    [InlineData(Settlement.Succeeded, false)]
    public void Only_what_failed_is_kept(Settlement how, bool isKept)
    {
        var settle = new SettlePermit(Anna, default, 1, how) { Wrong = Wrong("a") };
        Assert.Equal(isKept, Knows(RepeatedPasswords.None.After(settle, Noon).Next, "a"));
        Assert.True(RepeatedPasswords.None.After(settle with { Wrong = null }, Noon).Next.IsEmpty);
    }

    [Fact]
    public void An_unlock_begins_anew() => Assert.True(
        RepeatedPasswords.None.Used(Wrong("a"), Noon).After(new UnlockAccount(Anna, "", ""), Noon).Next.IsEmpty);

    [Fact]
    public void A_digest_is_HMAC_of_the_password_under_its_key_and_neither_can_be_printed()
    {
        // Computed apart from this code: openssl dgst -sha256 -mac hmac -macopt hexkey:0101...01, the first 16 bytes.
        Assert.Equal("8FED454E4AF2E38D7A0C4F0345A12D8C", Wire(Digest("a")));
        Assert.NotEqual(Digest("a"), Digest("A"));
        Assert.NotEqual(Digest("a"), KeyOf(2).Digest(Password("a")));
        Assert.Equal(Digest("a"), Digest("a"));
        Assert.Equal(("[digest]", "[key]"), (Digest("a").ToString(), Key.ToString()));
        Assert.DoesNotContain(Wire(Digest("a")), $"{Wrong("a")} {RepeatedPasswords.None.Used(Wrong("a"), Noon)}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Any_history_keeps_three_at_most_and_only_what_was_used_within_ten_minutes() => Gen.Select(Gen.Int[0, 5], Gen.Int[0, 400])
        .Array[1, 40].Sample(history =>
        {
            var (repeated, now, used) = (RepeatedPasswords.None, Noon, new Dictionary<int, DateTimeOffset>());
            foreach (var (which, later) in history)
            {
                now = now.AddSeconds(later);
                repeated = repeated.Used(Wrong($"{which}"), now);
                used[which] = now;
                var expected = used.Where(one => one.Value + RepeatedPasswords.Memory > now).OrderByDescending(one => one.Value);
                Assert.True(repeated.Recall(0, now).Length <= RepeatedPasswords.MaxKept);
                Assert.All(repeated.Recall(0, now), digest => Assert.Contains(expected, one => Digest($"{one.Key}") == digest));
            }
        });

    /// <summary>A phone that goes on with an old password, as the worker, the account and the domain controller play it. Its owner
    /// signs in from a computer at the same place every hour; the account leaves memory (an update) as often as is said.</summary>
    [Theory, InlineData(0, 1), InlineData(2, 3)]
    public void An_old_password_every_thirty_seconds_for_a_day_is_bound_once_in_each_stay_in_memory_and_locks_nothing(
        int restarts, int mostBinds)
    {
        var policy = new LockoutPolicy();
        var source = ClientSource.Of(IPAddress.Parse("192.0.2.1"), null);
        var (state, repeated, key, binds, written, locks) = (AccountState.Clean, RepeatedPasswords.None, KeyOf(1), 0, 0, 0);
        var ends = Noon.AddHours(24);
        ulong permit = 0;
        for (var now = Noon; now < ends; now = now.AddSeconds(30))
        {
            var minutes = (int)(now - Noon).TotalMinutes;
            SignIn("old", now);
            if (minutes % 60 == 0)
            {
                SignIn("right", now.AddSeconds(1));
            }

            if (restarts > 0 && minutes > 0 && minutes % (24 * 60 / (restarts + 1)) == 0 && now.Second == 0)
            {
                (repeated, key) = (RepeatedPasswords.None, KeyOf((byte)(minutes / 60)));
            }
        }

        Assert.InRange(binds, 1, mostBinds);
        Assert.Equal(0, locks);
        Assert.InRange(written, 1, 8 * mostBinds);

        void SignIn(string text, DateTimeOffset now)
        {
            using var password = Password(text);
            if (Tell(new AskPermit(Anna, source, default, ++permit), now) is Answer.CompareFirst first)
            {
                var digest = first.Key.Digest(password);
                if (first.Wrong.Contains(digest))
                {
                    Tell(new RepeatWrong(Anna, new WrongPassword(digest, 0)), now);
                    return;
                }

                Tell(new AskPermit(Anna, source, default, permit) { IsCompared = true }, now);
            }

            binds += text == "old" ? 1 : 0;
            Tell(text == "right"
                ? new SettlePermit(Anna, default, permit, Settlement.Succeeded)
                : new SettlePermit(Anna, default, permit, Settlement.Failed) { Wrong = new WrongPassword(key.Digest(password), 0) }, now);
        }

        Answer Tell(ICommand command, DateTimeOffset now)
        {
            (repeated, var compareFirst) = repeated.After(command, now);
            if (!compareFirst.IsEmpty)
            {
                return new Answer.CompareFirst(key, compareFirst);
            }

            var decision = LockoutDecider.Decide(state, command, now, policy);
            (state, written) = (decision.Next, written + decision.ToStore.Length);
            locks += decision.Answer is Answer.Locked ? 1 : 0;
            return decision.Answer;
        }
    }

    private static bool Knows(RepeatedPasswords repeated, string password, int seconds = 0, long passwordSetAt = 0) =>
        repeated.Recall(passwordSetAt, Noon.AddSeconds(seconds)).Contains(Digest(password));

    private static WrongPassword Wrong(string password, long passwordSetAt = 0) => new(Digest(password), passwordSetAt);

    private static PasswordDigest Digest(string password)
    {
        using var typed = Password(password);
        return Key.Digest(typed);
    }

    private static string Wire(PasswordDigest digest) => Convert.ToHexString(digest.ToWire().ToByteArray());

    private static DigestKey KeyOf(byte seed) => DigestKey.Of(Enumerable.Repeat(seed, DigestKey.Size).ToArray());

    private static TypedPassword Password(string text)
    {
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate(text, out var typed));
        return typed!;
    }
}
