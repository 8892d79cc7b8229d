using System.Net;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>Persons who mistype and sign in from home, from their phone and from elsewhere, by several spellings of their names;
/// strangers who guess; workers that die; a network that loses, delays and repeats; nodes that crash at any step, move, have wrong
/// clocks and lose their journal. Faults are found in what a domain controller received, what workers were told and what the
/// journal holds.</summary>
internal sealed class SimulatedWorld
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly string[] Spellings = ["corp.example", "CORP.Example", "Corp.EXAMPLE."];
    private static readonly ClientSource[] Elsewhere =
        [ClientSource.Nowhere, Network("198.51.100.1"), Network("203.0.113.1")];

    private readonly SimulatedTime _time = new();
    private readonly Random _random;
    private readonly SimulatedRules _rules;
    private readonly SimulatedNode _node;
    private readonly SimulatedDirectory _directory;
    private readonly SimulatedBookkeeper _books;
    private readonly SimulatedSlots? _slots;
    private readonly LockoutPolicy _policy;
    private readonly Guid[] _people;
    private readonly int _wrongInTen;
    private readonly int _strangersInTen;
    private readonly double _trouble;
    private readonly double _unrest;
    private readonly double _outages;
    private readonly double _slowness;
    private readonly double _haste;
    private readonly bool _hasWrongClocks;
    private ulong _permits;

    private SimulatedWorld(int seed, SimulatedRules rules)
    {
        _random = new Random(seed);
        _rules = rules;
        var lockTime = TimeSpan.FromSeconds(_random.Next(20, 60));
        _policy = new LockoutPolicy
        {
            Budget = _random.Next(2, 6),
            LockTime = lockTime,
            LongestLock = lockTime * _random.Next(1, 9),
            PermitLifetime = TimeSpan.FromSeconds(_random.Next(2, 12)),
            FailureMemory = TimeSpan.FromHours(1),
            SourceMemory = TimeSpan.FromHours(24),
        };
        _wrongInTen = _random.Next(5, 11);
        _strangersInTen = _random.Next(0, 8);
        // Worlds differ in how often messages are lost and things crash, shards move, settlements dawdle, and attempts crowd.
        _trouble = _random.Next(3) == 0 ? 0 : _random.NextDouble() * 0.03;
        _unrest = _random.NextDouble() * 0.06;
        _outages = _random.Next(3) == 0 ? _random.NextDouble() * 0.02 : 0;
        _slowness = _random.NextDouble() * 0.7;
        _haste = _random.NextDouble();
        _hasWrongClocks = _random.Next(4) == 0;
        _people = [.. Enumerable.Range(1, _random.Next(1, 5)).Select(number => new Guid(number, 0, 0, new byte[8]))];
        var wrong = _hasWrongClocks ? Seconds(3) : TimeSpan.Zero;
        _slots = _random.Next(2) == 0 ? new SimulatedSlots(rules, _policy) : null;
        _node = new SimulatedNode(_time, _random, rules, _policy, wrong, _slots, Decided);
        _directory = new SimulatedDirectory(_time, _policy, 4 * wrong);
        _books = new SimulatedBookkeeper(_policy, _outages > 0 ? Math.Min(_policy.Budget, rules.WithoutJournal(_policy).Budget) : _policy.Budget);
    }

    /// <summary>The first fault of this seed; null if there is none.</summary>
    /// <param name="onlyBinds">Judges by what the domain controller received and by nothing else.</param>
    public static string? Run(int seed, SimulatedRules rules, bool onlyBinds = false)
    {
        var world = new SimulatedWorld(seed, rules);
        return world.Run(onlyBinds) is { } fault ? $"seed {seed}: {fault}" : null;
    }

    private string? Run(bool onlyBinds)
    {
        _node.Start();
        for (var attempts = _random.Next(20, 120); attempts > 0; attempts--)
        {
            _time.In(Pause(), () => Attempt(Any(_people)));
            while (_random.Next(12) != 0 && _time.Step())
            {
                Disturb();
                if (!onlyBinds && _books.Fault is { } fault)
                {
                    return fault;
                }
            }
        }

        while (_time.Step())
        {
        }

        return _directory.Fault() ?? (onlyBinds ? null : _books.Fault ?? NobodyIsLockedForEver());
    }

    private void Attempt(Guid person)
    {
        var account = _rules.Resolve(Any(Spellings), person);
        var attempt = new AttemptId(new Guid((int)_permits, 0, 0, new byte[8]));
        var permit = ++_permits;
        var isStranger = _random.Next(10) < _strangersInTen;
        var source = isStranger ? Any(Elsewhere) : Any([Home(person), Phone(person), .. Elsewhere]);
        var kind = isStranger || _random.Next(10) < _wrongInTen
            ? Settlement.Failed
            : Any([Settlement.Succeeded, Settlement.Succeeded, Settlement.Refunded]);
        var dies = _random.Next(8) == 0;
        _books.Asks(Name(person), permit, _node.Confirmed.Count);
        if (_slots is not null && _random.Next(3) == 0)
        {
            TakeInterim(account, attempt, ++_permits, kind, dies);
            return;
        }

        Ask(new AskPermit(account, source, attempt, permit), _time.Now + Seconds(5), (answer, sentAt) =>
        {
            switch (answer)
            {
                case Answer.Granted granted when !dies || _random.Next(2) == 0:
                    _time.In(Spread(granted.Lifetime * 1.3), () => Bind(account, source, attempt, permit, kind, sentAt + granted.Lifetime, dies));
                    break;
                case null:
                    // Nobody answered in time: whatever was granted is given back unused.
                    Send(new SettlePermit(account, attempt, permit, Settlement.Refunded), _ => { });
                    break;
            }
        });
    }

    /// <summary>A worker that gets no answer, because the account has no home, or none that it can reach, or a slow one.</summary>
    private void TakeInterim(AccountKey account, AttemptId attempt, ulong permit, Settlement kind, bool dies) => _time.In(Delay(), () =>
    {
        var lifetime = _policy.PermitLifetime;
        if (!_node.HasJournal || !_slots!.TryTake(account, permit, _rules.InterimClasses, _node.Now + lifetime))
        {
            return;
        }

        var person = Name(account.ObjectGuid);
        _books.TakesSlot(person, permit);
        _directory.Granted(person, permit, SourceClass.Unfamiliar, SourceClass.Familiar);
        var expiresAt = _time.Now + lifetime;
        _time.In(Spread(lifetime * 1.3), () =>
        {
            var sends = kind != Settlement.Refunded && _time.Now < expiresAt;
            if (sends)
            {
                _directory.Receive(permit, kind == Settlement.Succeeded);
            }

            var how = sends ? kind : Settlement.Refunded;
            if (!dies && (how != Settlement.Failed || _rules.FreesFailedSlots))
            {
                _time.In(Delay(), () => _slots.GiveBack(account, permit));
            }

            if (!dies)
            {
                how = how == Settlement.Succeeded && !_rules.TellsOfInterimSuccesses ? Settlement.Refunded : how;
                _time.In(Spread(Seconds(_random.NextDouble() < _slowness ? 4 : 0.3)), () => Send(new SettlePermit(account, attempt, permit, how), _ => { }));
            }
        });
    });

    private void Bind(
        AccountKey account, ClientSource source, AttemptId attempt, ulong permit, Settlement kind, DateTimeOffset expiresAt, bool dies)
    {
        var sends = kind != Settlement.Refunded && (_time.Now < expiresAt || _rules.BindsLate);
        if (sends)
        {
            _directory.Receive(permit, kind == Settlement.Succeeded);
        }

        if (sends && kind == Settlement.Succeeded)
        {
            _books.SignedIn(Name(account.ObjectGuid), source);
        }

        if (dies)
        {
            return;
        }

        var how = sends ? kind : Settlement.Refunded;
        var told = new SettlePermit(account, attempt, permit, how);
        _time.In(Spread(Seconds(_random.NextDouble() < _slowness ? 4 : 0.3)), () => Ask(told, _time.Now + Seconds(6), (answer, _) =>
        {
            if (answer is Answer.Settled)
            {
                _books.Settled(told, isLate: _hasWrongClocks || _time.Now >= expiresAt, _node.Confirmed);
            }
        }));
    }

    private void Decided(AccountState state, ICommand command, Decision decision, DateTimeOffset now)
    {
        var person = Name(command.Account.ObjectGuid);
        switch (command)
        {
            case AskPermit ask when decision.Answer is Answer.Granted && decision.Facts.OfType<ChargeOpened>().SingleOrDefault() is { } opened:
                _books.Decided(ask, person, opened.Class, now, _node.Journal);
                _directory.Granted(person, ask.Permit, opened.Class);
                break;
            case AskPermit ask when decision.Answer is Answer.Granted && state[SourceClass.Familiar].Slots.Contains(ask.Permit):
                _directory.Granted(person, ask.Permit, SourceClass.Familiar);
                break;
            case AskPermit ask when decision.Answer is Answer.Granted && state[SourceClass.Unfamiliar].Slots.Contains(ask.Permit):
                _directory.Granted(person, ask.Permit, SourceClass.Unfamiliar);
                break;
            case AskPermit ask when decision.Answer is Answer.TooManyOpen && state.ClassOf(ask.Permit) is not null:
                break; // In doubt.
            case AskPermit ask when decision.Answer is Answer.Locked or Answer.TooManyOpen:
                var of = state.ClassOf(ask.Source, now, _policy);
                _books.Decided(ask, person, of, now, _node.Journal);
                _books.Refused(ask, person, of, decision.Answer);
                break;
            case AskPermit ask when decision.Answer is Answer.SlotNeeded:
                _books.TakesSlot(person, ask.Permit);
                break;
            case UnlockAccount:
                _directory.Unlocked(person);
                _books.Unlocked(person);
                break;
        }
    }

    /// <summary>As PermitDesk asks: again after each second, until the deadline; an answer to an earlier try is not heard.</summary>
    private void Ask(ICommand command, DateTimeOffset deadline, Action<Answer?, DateTimeOffset> then)
    {
        var (sentAt, isOver) = (_time.Now, false);
        Send(command, answer =>
        {
            if (!isOver)
            {
                isOver = true;
                then(answer, sentAt);
            }
        });
        _time.In(Patience, () =>
        {
            if (isOver)
            {
                return;
            }

            isOver = true;
            if (_time.Now >= deadline)
            {
                then(null, sentAt);
            }
            else
            {
                if (command is AskPermit ask)
                {
                    _books.AsksAgain(ask.Permit);
                }

                Ask(command, deadline, then);
            }
        });
    }

    private void Send(ICommand command, Action<Answer> answer)
    {
        if (_random.NextDouble() < _trouble)
        {
            return;
        }

        _time.In(Delay(), () =>
        {
            if (command is SettlePermit { How: Settlement.Succeeded } told)
            {
                _directory.SuccessWasTold(told.Permit);
            }

            _node.Deliver(command, reply =>
            {
                if (_random.NextDouble() >= _trouble)
                {
                    _time.In(Delay(), () => answer(reply));
                }
            });
        });
    }

    private void Disturb()
    {
        if (_random.NextDouble() < _unrest)
        {
            _time.In(TimeSpan.Zero, Any<Action>([
                () => _node.Retire(Any(Accounts())),
                _node.TakeSnapshot,
                () => Unlock(Any(Accounts())),
                () => _time.In(TimeSpan.FromMinutes(_random.Next(1, 90)), () => { }),
                Relocate,
                _node.TurnClock,
            ]));
        }

        if (_random.NextDouble() < _outages && _node.HasJournal)
        {
            _node.LoseJournal();
            _time.In(Seconds(10) + Spread(Seconds(90)), () =>
            {
                if (_node.IsUp && _random.Next(2) == 0)
                {
                    Crash();
                }

                _node.RegainJournal();
                _node.Start();
            });
        }

        if (_random.NextDouble() < _trouble)
        {
            if (_random.Next(2) == 0)
            {
                _books.Lost();
                _node.CrashAccount(Any(Accounts()));
            }
            else if (_node.IsUp)
            {
                Crash();
                _time.In(Spread(Seconds(4)), _node.Start);
                if (_random.Next(3) == 0)
                {
                    _time.In(Spread(Seconds(12)), Relocate);
                }
            }
        }
    }

    private void Crash()
    {
        _books.Lost();
        if (_node.Crash())
        {
            _directory.CrashedWithoutJournal();
        }
    }

    private void Unlock(AccountKey account)
    {
        if (_random.Next(4) == 0)
        {
            Send(new UnlockAccount(account, "operator", "asked for"), _ => { });
        }
    }

    /// <summary>In good order, if nothing crashes meanwhile; else after a while without.</summary>
    private void Relocate()
    {
        if (!_node.IsUp || _node.IsClosing || !_node.HasJournal)
        {
            return;
        }

        _node.Leave();
        _time.In(Seconds(5), () =>
        {
            if (_node.IsClosing)
            {
                Crash();
            }

            _node.Start();
        });
    }

    private string? NobodyIsLockedForEver()
    {
        string? fault = null;
        _node.HasSlowDatabase = false;
        foreach (var source in (ClientSource[])[ClientSource.Nowhere, .. _people.Select(Home)])
        {
            foreach (var account in Accounts())
            {
                Answer? heard = null;
                _time.In(_policy.LongestLock + _policy.PermitLifetime + Seconds(6), () => _node.Deliver(
                    new AskPermit(account, source, default, ++_permits), answer => heard = answer));
                while (_time.Step())
                {
                }

                fault ??= heard is Answer.Granted ? null : $"{account} is refused after all has ended: {heard}";
            }
        }

        return fault;
    }

    private AccountKey[] Accounts() => [.. _people.Select(person => _rules.Resolve(Any(Spellings), person))];

    private static string Name(Guid person) => $"person {person.ToByteArray()[0]}";

    private static ClientSource Home(Guid person) => Network($"192.0.{person.ToByteArray()[0]}.1");

    private static ClientSource Phone(Guid person) => new(null, person);

    private static ClientSource Network(string address) => ClientSource.Of(IPAddress.Parse(address), null);

    private TimeSpan Pause() => _random.NextDouble() > _haste ? Spread(Seconds(20)) : Spread(Seconds(0.2));

    private TimeSpan Delay() => _random.Next(30) == 0 ? Spread(Seconds(3)) : TimeSpan.FromMilliseconds(_random.Next(0, 4));

    private TimeSpan Spread(TimeSpan most) => most * _random.NextDouble();

    private T Any<T>(T[] choices) => choices[_random.Next(choices.Length)];

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
