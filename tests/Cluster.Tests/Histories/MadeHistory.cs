using Passthrough.Decisions.Attempts;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>A history as a product without faults would leave it, from a seed: people, and strangers who guess until the budget is used up.
/// Faults can be planted in it.</summary>
internal sealed class MadeHistory
{
    public const int Budget = 10;

    private const int Guessed = 1, Person = 5;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly Random _random;
    private readonly List<Request> _requests = [];
    private readonly List<Answer> _answers = [];
    private readonly List<Bind> _binds = [];
    private readonly List<Stored> _stored = [];
    private readonly List<Cleared> _cleared = [];
    private readonly List<Span> _losses = [];
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private ulong _permit = 1;

    public MadeHistory(int seed)
    {
        _random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            if (_random.Next(2) == 0)
            {
                SignIn(Person + _random.Next(2), Verdict.Success, result: 0);
            }
            else
            {
                var account = Guessed + _random.Next(2);
                if (_stored.Count(stored => stored.Account == account) < Budget)
                {
                    Guess(account, stored: true);
                }
                else
                {
                    Ask(account, isRight: false);
                    Tell(Verdict.SmartLocked, permit: null);
                }
            }
        }

        while (_stored.Count(stored => stored.Account == Guessed) < Budget)
        {
            Guess(Guessed, stored: true);
        }
    }

    public int LastRequest => _requests[^1].Number;

    private DateTimeOffset Later => _now += TimeSpan.FromMilliseconds(_random.Next(1, 400));

    public History Build() => new()
    {
        Budget = Budget,
        Deadline = Deadline,
        Requests = [.. _requests],
        Answers = [.. _answers],
        Binds = [.. _binds],
        Stored = [.. _stored],
        Cleared = [.. _cleared],
        Losses = [.. _losses],
    };

    /// <returns>When the directory had said that it is wrong, before the answer.</returns>
    public DateTimeOffset Guess(int account, bool stored)
    {
        Ask(account, isRight: false);
        var at = Later;
        _binds.Add(new Bind(LastRequest, at, 49, Later));
        var heard = Later;
        if (stored)
        {
            _stored.Add(new Stored(account, ++_permit, Later));
        }

        Tell(Verdict.BadPassword, stored ? _permit : ++_permit);
        return heard;
    }

    public void SignIn(int account, Verdict verdict, int? result, bool isBound = true)
    {
        Ask(account, isRight: true);
        if (isBound)
        {
            var at = Later;
            _binds.Add(new Bind(LastRequest, at, result, result is null ? null : Later));
        }

        Tell(verdict, verdict == Verdict.Success ? ++_permit : null);
    }

    /// <summary>Somebody signed in from elsewhere.</summary>
    public void Clear(int account) => _cleared.Add(new Cleared(account, Later));

    /// <summary>A node dies, and what it may have lost is assumed.</summary>
    public void Assume(int account, DateTimeOffset lost, DateTimeOffset stored)
    {
        _losses.Add(new Span(lost, lost));
        _stored.Add(new Stored(account, 0, stored, Sequence: _losses.Count));
    }

    public void Plant(string fault)
    {
        var last = _answers.FindLastIndex(answer => answer.Verdict == Verdict.BadPassword);
        var answer = _answers[last];
        var right = _answers.FindIndex(each => each.Verdict == Verdict.Success);
        switch (fault)
        {
            case "a double answer":
                _answers.Add(answer with { Attempt = "another", Permit = null, Verdict = Verdict.Overloaded });
                break;
            case "a double answer of one attempt":
                _answers[right] = _answers[right] with { Attempt = answer.Attempt };
                break;
            case "a lost answer":
                _answers.RemoveAt(last);
                break;
            case "a late answer":
                _answers[last] = answer with { At = answer.At + Deadline };
                break;
            case "a bind without a permit":
                _binds.Add(new Bind(answer.Request, answer.At, null));
                break;
            case "a permit used twice":
                _answers[right] = _answers[right] with { Permit = answer.Permit };
                break;
            case "an answer before the store":
                var stored = _stored.FindIndex(each => each.Permit == answer.Permit);
                _stored[stored] = _stored[stored] with { CommittedAt = answer.At.AddMilliseconds(1) };
                break;
            case "a store that never happened":
                _stored.RemoveAll(each => each.Permit == answer.Permit);
                break;
            case "a budget doubled by a partition":
                // Each side grants and stores all of it.
                for (var i = 0; i < Budget; i++)
                {
                    Guess(Guessed, stored: true);
                }

                break;
            default:
                PlantVerdict(fault, right, last);
                break;
        }
    }

    private void PlantVerdict(string fault, int right, int wrong)
    {
        switch (fault)
        {
            case "a right password refused":
                _answers[right] = _answers[right] with { Verdict = Verdict.BadPassword };
                break;
            case "a lock without a cause":
                _answers[right] = _answers[right] with { Verdict = Verdict.SmartLocked };
                break;
            case "a wrong password accepted":
                _answers[wrong] = _answers[wrong] with { Verdict = Verdict.Success };
                break;
            case "a wrong password tried again":
                _binds.Add(_binds.First(bind => bind.Request == _answers[wrong].Request));
                break;
            default:
                throw new ArgumentException(fault);
        }
    }

    private void Ask(int account, bool isRight) => _requests.Add(new Request(_requests.Count + 1, account, isRight, Later));

    private void Tell(Verdict verdict, ulong? permit) => _answers.Add(new Answer(LastRequest, Later, verdict, $"{LastRequest:x}", permit));
}
