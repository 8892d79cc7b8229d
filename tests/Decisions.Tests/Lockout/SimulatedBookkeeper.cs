using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>Writes down what workers did and were told, and finds what must not be: an answer before its fact is stored, a
/// refusal that nothing the workers did in that class of sources can explain, and a source in the wrong class.</summary>
/// <param name="leastBudget">That many charges explain a refusal.</param>
internal sealed class SimulatedBookkeeper(LockoutPolicy policy, int leastBudget)
{
    private readonly Dictionary<ulong, Asked> _asked = [];
    private readonly Dictionary<string, int> _unlockedAt = [];
    private readonly HashSet<(string Person, ulong Fingerprint)> _signedInFrom = [];
    private int _step;
    private int _lost;

    public string? Fault { get; private set; }

    /// <param name="stored">How many events the journal had.</param>
    public void Asks(string person, ulong permit, int stored) => _asked[permit] = new Asked(person, ++_step, stored);

    /// <summary>A question that is sent again may arrive after its permit was settled or has expired, and then opens one more
    /// charge.</summary>
    public void AsksAgain(ulong permit)
    {
        _asked[permit].MayStay = true;
        _asked[permit].Tries++;
    }

    /// <summary>An interim permit, or one that a slot is taken for: whatever becomes of it, it may count.</summary>
    public void TakesSlot(string person, ulong permit)
    {
        if (!_asked.TryGetValue(permit, out var asked))
        {
            _asked[permit] = asked = new Asked(person, ++_step, 0);
        }

        asked.MayStay = true;
    }

    /// <summary>The account was asked, and took the source for one of this class.</summary>
    public void Decided(AskPermit ask, string person, SourceClass of, DateTimeOffset now, IReadOnlyList<IEvent> journal)
    {
        if (_asked.TryGetValue(ask.Permit, out var asked))
        {
            asked.Class = asked.Class is { } before && before != of ? null : of;
        }

        var fingerprints = ask.Source.Fingerprints();
        var seen = journal.OfType<SourceRemembered>().Where(seen => seen.Account == ask.Account).Reverse()
            .DistinctBy(seen => seen.Fingerprint).Take(FamiliarSource.MaxKept);
        var isKnown = seen.Any(seen => fingerprints.Contains(seen.Fingerprint) && seen.At + policy.SourceMemory > now);
        var mayBeKnown = fingerprints.Any(fingerprint => _signedInFrom.Contains((person, fingerprint)));
        if (of == SourceClass.Unfamiliar ? isKnown : !mayBeKnown)
        {
            Fault ??= $"{person} from {ask.Source} was taken for {of}";
        }
    }

    public void SignedIn(string person, ClientSource source) =>
        _signedInFrom.UnionWith(source.Fingerprints().Select(fingerprint => (person, fingerprint)));

    public void Unlocked(string person) => _unlockedAt[person] = ++_step;

    /// <summary>A crash: one permit of every class of every account may have been lost with it.</summary>
    public void Lost() => _lost++;

    /// <param name="isLate">The permit may have expired, and so been counted, before it was settled.</param>
    public void Settled(SettlePermit told, bool isLate, IReadOnlyList<IEvent> journal)
    {
        var asked = _asked[told.Permit];
        asked.SettledAt = ++_step;
        asked.How = told.How;
        asked.MayStay |= isLate;
        var isStored = journal.Skip(asked.Stored).Any(e =>
            (e is ChargeFailed failed && failed.Permit == told.Permit && failed.Account == told.Account)
            || (e is ChargeOpened opened && opened.Account == told.Account && opened.Permit is var permit
                && (permit == told.Permit || permit == AssumedPermit)));
        if (told.How == Settlement.Failed && !isStored && asked.AskedAt > _unlockedAt.GetValueOrDefault(asked.Person))
        {
            Fault ??= $"permit {told.Permit} was answered as failed, and the journal does not know of it";
        }
    }

    /// <summary>A refusal needs as many charges of its class as the budget has: permits asked for that are not known to have
    /// been given back, and one for each crash, all of them later than what the last success or unlock forgave.</summary>
    public void Refused(AskPermit ask, string person, SourceClass of, Answer answer)
    {
        var mine = _asked
            .Where(asked => asked.Value.Person == person && (asked.Value.Class ?? of) == of && (asked.Key != ask.Permit || asked.Value.MayStay))
            .Select(asked => asked.Value).ToList();
        var unlocked = _unlockedAt.GetValueOrDefault(person);
        var forgiven = mine
            .Where(asked => asked.How == Settlement.Succeeded && !asked.MayStay)
            .Select(asked => asked.AskedAt).DefaultIfEmpty(0).Max();
        var charges = mine.Sum(asked =>
            asked.MayStay
            || (asked.How is null && !asked.IsRefused && asked.AskedAt > unlocked)
            || (asked.How == Settlement.Failed && asked.SettledAt > forgiven && asked.AskedAt > unlocked) ? asked.Tries : 0);
        if (_asked.TryGetValue(ask.Permit, out var refused))
        {
            refused.IsRefused = true;
        }

        if (charges + _lost < leastBudget)
        {
            Fault ??= $"{person} was refused ({of}, {answer}) with {charges} charges and {_lost} crashes, of a budget of {leastBudget}";
        }
    }

    private sealed class Asked(string person, int askedAt, int stored)
    {
        public string Person => person;

        public int AskedAt => askedAt;

        public int Stored => stored;

        /// <summary>As the account had it; null if it was not decided, or not always in the same way.</summary>
        public SourceClass? Class { get; set; }

        public int SettledAt { get; set; }

        public bool IsRefused { get; set; }

        public int Tries { get; set; } = 1;

        /// <summary>Whatever was confirmed, it may count.</summary>
        public bool MayStay { get; set; }

        /// <summary>As it was confirmed; null if it was not.</summary>
        public Settlement? How { get; set; }
    }
}
