using System.Collections.Immutable;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class LedgerMemoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LockoutPolicy Policy = new();
    private static readonly AccountKey Anna = new("corp.example", new Guid(1, 0, 0, new byte[8]));
    private static readonly AccountKey Ben = new("corp.example", new Guid(2, 0, 0, new byte[8]));

    [Fact]
    public void A_first_start_opens_the_journal_and_stores_nothing_else()
    {
        var (_, handover) = LedgerMemory.Starting(Noon).Read(LedgerState.Empty, Noon)!.HandOver();

        Assert.Equal(new Handover(new LedgerOpened(Noon), Whole: null), handover);
    }

    [Fact]
    public void What_was_counted_before_the_journal_could_be_read_is_added_to_what_it_holds()
    {
        var journal = Failed(LedgerState.Empty, Anna, 1, 2, 3);
        var memory = LedgerMemory.Starting(Noon).Count(Failures(Anna, 4, 5))!.Count(Failures(Ben, 6))!;

        var read = memory.Read(journal, Noon)!;
        var (_, handover) = read.HandOver();

        Assert.True(memory.IsNews(journal));
        Assert.Equal(5, Count(read.State, Anna));
        Assert.Equal((5, 1), (Count(handover.Whole!, Anna), Count(handover.Whole!, Ben)));
        Assert.True(handover.Whole!.IsOpen);
    }

    [Fact]
    public void What_the_journal_holds_while_it_cannot_be_opened_is_read_anew_each_time()
    {
        var memory = LedgerMemory.Starting(Noon).Read(Failed(LedgerState.Empty, Anna, 1), Noon)!.HandOver().Next.NotHandedOver();
        memory = memory.Count(Failures(Anna, 2))!;

        // The one before was not dead yet.
        memory = memory.Read(Failed(LedgerState.Empty, Anna, 1, 3), Noon)!;

        Assert.Equal(3, Count(memory.State, Anna));
    }

    [Fact]
    public void A_ledger_that_finds_another_ones_opening_stops()
    {
        var memory = Open(LedgerState.Empty);
        var taken = LedgerState.Apply(memory.State, new LedgerOpened(Noon.AddTicks(1)));

        Assert.Null(memory.Read(taken, Noon));
        Assert.Null(memory.Read(LedgerState.Apply(taken, new LedgerClosed(Noon, null)), Noon));
        Assert.NotNull(memory.Read(memory.State, Noon));
    }

    [Fact]
    public void What_is_counted_during_the_handover_is_left_to_be_stored()
    {
        var memory = Open(LedgerState.Empty).Count(Failures(Anna, 1))!;
        var (handing, handover) = memory.HandOver();
        var (done, left) = handing.Count(Failures(Anna, 2))!.HandedOver();

        Assert.Equal(1, Count(handover.Whole!, Anna));
        Assert.Equal(Failures(Anna, 2).AsEnumerable(), left);
        Assert.Equal(2, Count(done.State, Anna));
        Assert.NotNull(done.NotHandedOver().HandOver().What.Whole);
    }

    [Theory]
    [InlineData(false, 0, false)]
    [InlineData(false, 9.999, false)]
    [InlineData(false, 10, true)]
    [InlineData(true, 0, true)]
    public void Who_has_not_read_the_journal_waits_longer_before_it_goes_on_without(bool isRead, double silence, bool expected)
    {
        var memory = LedgerMemory.Starting(Noon);
        memory = isRead ? memory.Read(Failed(LedgerState.Empty, Anna, 1), Noon)! : memory;

        Assert.Equal(expected, memory.MayGoOnInMemory(TimeSpan.FromSeconds(silence), LedgerMemory.ReadPatience));
    }

    [Fact]
    public void Once_open_memory_takes_any_number_of_facts()
    {
        var memory = Open(LedgerState.Empty);
        for (ulong permit = 1; permit <= LedgerMemory.MaxPending; permit++)
        {
            memory = memory.Count(Failures(Anna, permit))!;
        }

        Assert.Equal(LedgerMemory.MaxPending, Count(memory.HandOver().What.Whole!, Anna));
    }

    [Fact]
    public void Before_it_is_open_memory_is_bounded_and_clean_accounts_make_room()
    {
        var memory = LedgerMemory.Starting(Noon);
        ulong permit = 0;
        while (memory.Count(Failures(Anna, permit + 1)) is { } more)
        {
            (memory, permit) = (more, permit + 1);
        }

        Assert.Equal(LedgerMemory.MaxPending, (int)permit * 2);
        Assert.Null(memory.Count(Failures(Ben, 1)));

        // Ben signs in: he is clean, so nothing must be kept of him.
        memory = memory.Count([Opened(Ben, 1), new SignInSucceeded(Ben, Noon, 1, SourceClass.Unfamiliar)])!;

        // Anna is unlocked: so is she.
        memory = memory.Count([new AccountUnlocked(Anna, Noon, "", "")])!;
        Assert.NotNull(memory.Count(Failures(Ben, 2)));
    }

    [Fact]
    public void An_account_that_came_in_before_a_crash_was_known_of_is_told_when_it_enters_again()
    {
        var crashed = LedgerState.Apply(LedgerState.Empty, new LedgerOpened(Noon.AddHours(-1)));
        var memory = LedgerMemory.Starting(Noon);
        var (present, first) = memory.Attendance.Enter(memory.State, Anna, Noon, Policy);
        memory = (memory with { Attendance = present }).Read(crashed, Noon)!;

        var (_, again) = memory.Attendance.Leave(Anna).Enter(memory.State, Anna, Noon, Policy);
        var (told, _) = memory.Attendance.Leave(Anna).Enter(memory.State, Anna, Noon, Policy);
        var (_, third) = told.Leave(Anna).Enter(memory.State, Anna, Noon, Policy);

        Assert.True(first.IsClean);
        Assert.False(again.IsClean);
        Assert.True(third.IsClean);
    }

    /// <summary>Writes fail and are stored all the same, or not, or later; the journal is away for any time.</summary>
    [Fact]
    public void Through_any_failures_of_the_journal_nothing_is_lost_and_nothing_counted_twice()
    {
        for (var seed = 1; seed <= 3000; seed++)
        {
            var fault = new FailingJournal(seed).Run();
            Assert.True(fault is null, $"seed {seed}: {fault}");
        }
    }

    private static LedgerMemory Open(LedgerState journal) =>
        LedgerMemory.Starting(Noon).Read(journal, Noon)!.HandOver().Next.HandedOver().Next;

    private static LedgerState Failed(LedgerState ledger, AccountKey account, params ulong[] permits) =>
        Failures(account, permits).Aggregate(ledger, LedgerState.Apply);

    private static ImmutableArray<IFact> Failures(AccountKey account, params ulong[] permits) =>
        [.. permits.SelectMany(permit => new IFact[] { Opened(account, permit), new ChargeFailed(account, Noon, permit, null, SourceClass.Unfamiliar) })];

    private static ChargeOpened Opened(AccountKey account, ulong permit) => new(account, Noon, permit, default, Noon.AddSeconds(15), SourceClass.Unfamiliar, ClientSource.Nowhere, "");

    private static int Count(LedgerState ledger, AccountKey account) => ledger.Find(account).Unfamiliar.Failures;

    /// <summary>A ledger as the actor plays it, before a journal that misbehaves.</summary>
    private sealed class FailingJournal(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<IEvent> _events = [];
        private readonly List<(int At, ImmutableArray<IEvent> Events)> _late = [];
        private readonly Dictionary<AccountKey, int> _answered = [];
        private (LedgerState State, int Through) _snapshot = (LedgerState.Empty, 0);
        private LedgerMemory _memory = LedgerMemory.Starting(Noon);
        private bool _isDown = true;
        private ulong _permits;

        private bool Luck => _random.Next(3) > 0;

        public string? Run()
        {
            for (var before = _random.Next(4); before > 0; before--)
            {
                _events.AddRange(Next(Anna));
                _answered[Anna] = _answered.GetValueOrDefault(Anna) + 1;
            }

            var steps = _random.Next(5, 60);
            for (var step = 0; step < steps; step++)
            {
                Arrive();
                if (_isDown && _random.Next(3) == 0)
                {
                    Recover(canFail: true);
                }

                if (Luck)
                {
                    Fail(_random.Next(2) == 0 ? Anna : Ben, canFail: true);
                }

                if (Fault() is { } fault)
                {
                    return $"step {step}: {fault}";
                }
            }

            while (_isDown)
            {
                Arrive();
                Recover(canFail: false);
            }

            var stored = Stored();
            return Fault() ?? _answered.Where(told => Count(stored, told.Key) != told.Value)
                .Select(told => $"{told.Value} failures, the journal holds {Count(stored, told.Key)}").FirstOrDefault();
        }

        /// <summary>Once the journal was read, memory knows everything that was ever answered.</summary>
        private string? Fault() => _answered
            .Where(told => Count(_memory.State, told.Key) != told.Value && _memory.State.OpenedAt is not null)
            .Select(told => $"{told.Value} failures, memory counts {Count(_memory.State, told.Key)}").FirstOrDefault();

        private void Fail(AccountKey account, bool canFail)
        {
            var facts = Next(account);
            if (!_isDown && Write([.. facts], canFail))
            {
                _memory = _memory.Stored(Stored());
            }
            else
            {
                _isDown = true;
                _memory = _memory.Count(facts)!;
            }

            _answered[account] = _answered.GetValueOrDefault(account) + 1;
        }

        private void Recover(bool canFail)
        {
            if (canFail && !Luck)
            {
                return;
            }

            var (next, handover) = _memory.Read(Stored(), Noon)!.HandOver();
            _memory = next;
            while (_random.Next(2) == 0)
            {
                Fail(_random.Next(2) == 0 ? Anna : Ben, canFail);
            }

            var written = Write([handover.Opened], canFail);
            var isStored = written && (!canFail || Luck);
            if (handover.Whole is { } whole && (isStored || (written && Luck)))
            {
                _snapshot = (whole, _events.Count);
            }

            if (!isStored)
            {
                _memory = _memory.NotHandedOver();
                return;
            }

            (_memory, var left) = _memory.HandedOver();
            _isDown = left.Length > 0 && !Write([.. left], canFail);
            _memory = _isDown || left.IsEmpty ? _memory : _memory.Stored(Stored());
        }

        /// <summary>False: it reported failure; it may be stored all the same, now or later.</summary>
        private bool Write(ImmutableArray<IEvent> events, bool canFail)
        {
            switch (canFail ? _random.Next(8) : 7)
            {
                case 0:
                    return false;
                case 1:
                    _late.Add((_events.Count, events));
                    return false;
                case 2:
                    _events.AddRange(events);
                    return false;
                default:
                    _events.AddRange(events);
                    return true;
            }
        }

        /// <summary>A write that was under way when its writer died; refused if its numbers are taken.</summary>
        private void Arrive()
        {
            foreach (var (at, events) in _late.Where(_ => _random.Next(3) == 0).ToList())
            {
                _late.Remove((at, events));
                if (at == _events.Count)
                {
                    _events.AddRange(events);

                    // Whoever writes now is refused, and starts again.
                    _isDown = true;
                    _memory = _memory.NotHandedOver();
                }
            }
        }

        private LedgerState Stored() => _events.Skip(_snapshot.Through).Aggregate(_snapshot.State, LedgerState.Apply);

        private ImmutableArray<IFact> Next(AccountKey account) => Failures(account, ++_permits);
    }
}
