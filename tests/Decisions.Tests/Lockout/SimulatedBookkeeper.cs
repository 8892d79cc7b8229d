using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>Writes down what workers did and were told, and finds what must not be: an answer before its fact is stored, and a
/// refusal that nothing the workers did can explain.</summary>
internal sealed class SimulatedBookkeeper(LockoutPolicy policy)
{
    private readonly Dictionary<ulong, Asked> _asked = [];
    private int _step;
    private int _lost;

    public string? Fault { get; private set; }

    public void Asks(AccountKey account, ulong permit, DateTimeOffset at) => _asked[permit] = new Asked(account, ++_step, at);

    /// <summary>A question that is sent again may arrive after its permit was settled or has expired, and then opens one more
    /// charge.</summary>
    public void AsksAgain(ulong permit)
    {
        _asked[permit].MayStay = true;
        _asked[permit].Tries++;
    }

    /// <summary>A crash: one permit of every account may have been lost with it.</summary>
    public void Lost() => _lost++;

    /// <param name="isLate">The permit may have expired, and so been counted, before it was settled.</param>
    public void Settled(SettlePermit told, bool isLate, IReadOnlyList<IEvent> journal)
    {
        var asked = _asked[told.Permit];
        asked.SettledAt = ++_step;
        asked.How = told.How;
        asked.MayStay |= isLate;
        var isStored = journal.Any(e =>
            (e is ChargeFailed failed && failed.Permit == told.Permit && failed.Account == told.Account)
            || (e is ChargeOpened opened && opened.Account == told.Account && opened.Permit == told.Permit)
            || (e is ChargeOpened { Permit: AssumedPermit } assumed && assumed.Account == told.Account && assumed.At >= asked.At));
        if (told.How == Settlement.Failed && !isStored)
        {
            Fault ??= $"permit {told.Permit} was answered as failed, and the journal does not know of it";
        }
    }

    /// <summary>A refusal needs as many charges as the budget has: permits asked for that are not known to have been given back,
    /// and one for each crash, all of them later than what the last success forgave.</summary>
    public void Refused(AccountKey account, ulong permit, Answer answer)
    {
        var mine = _asked.Where(asked => asked.Value.Account == account && (asked.Key != permit || asked.Value.MayStay)).Select(asked => asked.Value).ToList();
        var forgiven = mine
            .Where(asked => asked.How == Settlement.Succeeded && !asked.MayStay)
            .Select(asked => asked.AskedAt).DefaultIfEmpty(0).Max();
        var charges = mine.Sum(asked =>
            asked.MayStay
            || (asked.How is null && !asked.IsRefused)
            || (asked.How == Settlement.Failed && asked.SettledAt > forgiven) ? asked.Tries : 0);
        _asked[permit].IsRefused = true;
        if (charges + _lost < policy.Budget)
        {
            Fault ??= $"{account} was refused ({answer}) with {charges} charges and {_lost} crashes, of a budget of {policy.Budget}";
        }
    }

    private sealed class Asked(AccountKey account, int askedAt, DateTimeOffset at)
    {
        public AccountKey Account => account;

        public int AskedAt => askedAt;

        public DateTimeOffset At => at;

        public int SettledAt { get; set; }

        public bool IsRefused { get; set; }

        public int Tries { get; set; } = 1;

        /// <summary>Whatever was confirmed, it may count.</summary>
        public bool MayStay { get; set; }

        /// <summary>As it was confirmed; null if it was not.</summary>
        public Settlement? How { get; set; }
    }
}
