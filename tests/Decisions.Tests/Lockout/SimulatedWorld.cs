using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>Workers that guess, mistype, sign in and die; a network that loses, delays and repeats; a node that crashes at any
/// step. Faults are found in what a domain controller received, what workers were told and what the journal holds.</summary>
internal sealed class SimulatedWorld
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SimulatedTime _time = new();
    private readonly Random _random;
    private readonly SimulatedRules _rules;
    private readonly SimulatedNode _node;
    private readonly SimulatedDirectory _directory;
    private readonly SimulatedBookkeeper _books;
    private readonly LockoutPolicy _policy;
    private readonly AccountKey[] _accounts;
    private readonly int _wrongInTen;
    private readonly double _trouble;
    private readonly double _unrest;
    private readonly double _slowness;
    private readonly double _haste;
    private ulong _permits;

    private SimulatedWorld(int seed, SimulatedRules rules)
    {
        _random = new Random(seed);
        _rules = rules;
        _policy = new LockoutPolicy
        {
            Budget = _random.Next(2, 6),
            LockTime = TimeSpan.FromSeconds(_random.Next(20, 60)),
            PermitLifetime = TimeSpan.FromSeconds(_random.Next(2, 12)),
            FailureMemory = TimeSpan.FromHours(1),
        };
        _wrongInTen = _random.Next(5, 11);
        // Worlds differ in how often messages are lost and things crash, shards move, settlements dawdle, and attempts crowd.
        _trouble = _random.Next(3) == 0 ? 0 : _random.NextDouble() * 0.03;
        _unrest = _random.NextDouble() * 0.06;
        _slowness = _random.NextDouble() * 0.7;
        _haste = _random.NextDouble();
        _accounts = [.. Enumerable.Range(1, _random.Next(1, 5)).Select(number => new AccountKey("corp.example", new Guid(number, 0, 0, new byte[8])))];
        _node = new SimulatedNode(_time, _random, rules, _policy);
        _directory = new SimulatedDirectory(_time, _policy);
        _books = new SimulatedBookkeeper(_policy);
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
            _time.In(Pause(), () => Attempt(Any(_accounts)));
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

    private void Attempt(AccountKey account)
    {
        var attempt = new AttemptId(new Guid((int)_permits, 0, 0, new byte[8]));
        var permit = ++_permits;
        var kind = _random.Next(10) < _wrongInTen ? Settlement.Failed : Any([Settlement.Succeeded, Settlement.Succeeded, Settlement.Refunded]);
        var dies = _random.Next(8) == 0;
        _books.Asks(account, permit, _time.Now);
        Ask(new AskPermit(account, attempt, permit), _time.Now + Seconds(5), (answer, sentAt) =>
        {
            switch (answer)
            {
                case Answer.Granted granted when !dies || _random.Next(2) == 0:
                    _time.In(Spread(granted.Lifetime * 1.3), () => Bind(account, attempt, permit, kind, sentAt + granted.Lifetime, dies));
                    break;
                case null:
                    // Nobody answered in time: whatever was granted is given back unused.
                    Send(new SettlePermit(account, attempt, permit, Settlement.Refunded), _ => { });
                    break;
            }
        });
    }

    private void Bind(AccountKey account, AttemptId attempt, ulong permit, Settlement kind, DateTimeOffset expiresAt, bool dies)
    {
        var sends = kind != Settlement.Refunded && (_time.Now < expiresAt || _rules.BindsLate);
        if (sends)
        {
            _directory.Receive(account, permit, kind == Settlement.Succeeded);
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
                _books.Settled(told, isLate: _time.Now >= expiresAt, _node.Journal);
            }
        }));
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
            Delivered(command);
            _node.Deliver(command, reply =>
            {
                if (command is AskPermit ask && reply is Answer.Locked or Answer.TooManyOpen)
                {
                    _books.Refused(ask.Account, ask.Permit, reply);
                }

                if (_random.NextDouble() >= _trouble)
                {
                    _time.In(Delay(), () => answer(reply));
                }
            });
        });
    }

    private void Delivered(ICommand command)
    {
        switch (command)
        {
            case SettlePermit { How: Settlement.Succeeded } told:
                _directory.SuccessWasTold(told.Account, told.Permit);
                break;
            case UnlockAccount:
                _directory.Unlocked(command.Account);
                break;
        }
    }

    private void Disturb()
    {
        if (_random.NextDouble() < _unrest)
        {
            _time.In(TimeSpan.Zero, Any<Action>([
                () => _node.Retire(Any(_accounts)),
                _node.TakeSnapshot,
                () => Unlock(Any(_accounts)),
                () => _time.In(TimeSpan.FromMinutes(_random.Next(1, 90)), () => { }),
                Relocate,
            ]));
        }

        if (_random.NextDouble() < _trouble)
        {
            if (_random.Next(2) == 0)
            {
                _books.Lost();
                _node.CrashAccount(Any(_accounts));
            }
            else if (_node.IsUp)
            {
                _books.Lost();
                _node.Crash();
                _time.In(Spread(Seconds(4)), _node.Start);
                if (_random.Next(3) == 0)
                {
                    _time.In(Spread(Seconds(12)), Relocate);
                }
            }
        }
    }

    private void Unlock(AccountKey account)
    {
        if (_random.Next(4) == 0)
        {
            Send(new UnlockAccount(account), _ => { });
        }
    }

    /// <summary>In good order, if nothing crashes meanwhile; else after a while without.</summary>
    private void Relocate()
    {
        if (!_node.IsUp || _node.IsClosing)
        {
            return;
        }

        _node.Leave();
        _time.In(Seconds(5), () =>
        {
            if (_node.IsClosing)
            {
                _books.Lost();
                _node.Crash();
            }

            _node.Start();
        });
    }

    private string? NobodyIsLockedForEver()
    {
        string? fault = null;
        foreach (var account in _accounts)
        {
            Answer? heard = null;
            _time.In(_policy.LockTime + _policy.PermitLifetime, () => _node.Deliver(
                new AskPermit(account, default, ++_permits), answer => heard = answer));
            while (_time.Step())
            {
            }

            fault ??= heard is Answer.Granted ? null : $"{account} is refused after all has ended: {heard}";
        }

        return fault;
    }

    private TimeSpan Pause() => _random.NextDouble() > _haste ? Spread(Seconds(20)) : Spread(Seconds(0.2));

    private TimeSpan Delay() => _random.Next(30) == 0 ? Spread(Seconds(3)) : TimeSpan.FromMilliseconds(_random.Next(0, 4));

    private TimeSpan Spread(TimeSpan most) => most * _random.NextDouble();

    private T Any<T>(T[] choices) => choices[_random.Next(choices.Length)];

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
