using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>What is known of one account: the fold of its facts.</summary>
public sealed record AccountState
{
    public static readonly AccountState Clean = new();

    public ClassState Unfamiliar { get; init; } = ClassState.Clean;

    public ClassState Familiar { get; init; } = ClassState.Clean;

    /// <summary>Where sign-ins came from, the least recent first; at most <see cref="FamiliarSource.MaxKept"/>.</summary>
    public ImmutableArray<FamiliarSource> Sources { get; init; } = [];

    /// <summary>Nothing failed and nothing is open. Familiar sources are no trouble.</summary>
    public bool IsClean => Unfamiliar.IsClean && Familiar.IsClean;

    public ClassState this[SourceClass of] => of == SourceClass.Familiar ? Familiar : Unfamiliar;

    public AccountState With(SourceClass of, ClassState state) =>
        of == SourceClass.Familiar ? this with { Familiar = state } : this with { Unfamiliar = state };

    /// <summary>The class in which a permit is out; null if it is not.</summary>
    public SourceClass? ClassOf(ulong permit) =>
        Unfamiliar.Find(permit) is not null ? SourceClass.Unfamiliar
        : Familiar.Find(permit) is not null ? SourceClass.Familiar
        : null;

    /// <summary>Familiar, if any part of the source is among the remembered ones.</summary>
    public SourceClass ClassOf(ClientSource source, DateTimeOffset now, LockoutPolicy policy) =>
        !Sources.IsEmpty && source.Fingerprints().Any(fingerprint =>
            Sources.Any(known => known.Fingerprint == fingerprint && known.IsRemembered(now, policy)))
            ? SourceClass.Familiar
            : SourceClass.Unfamiliar;

    public LockNotice Notice(DateTimeOffset now, LockoutPolicy policy) => new(
        Familiar.LockedFor(now),
        Unfamiliar.LockedFor(now),
        [.. Sources.Where(source => source.IsRemembered(now, policy)).Select(source => source.Fingerprint)]);

    /// <summary>Folds one fact. Total: a fact that names what is not there changes nothing that it does not name.</summary>
    public static AccountState Apply(AccountState state, IFact fact) => fact switch
    {
        IClassFact e => state.With(e.Class, ClassState.Apply(state[e.Class], e)),
        AccountUnlocked => state with
        {
            Unfamiliar = ClassState.Apply(state.Unfamiliar, fact),
            Familiar = ClassState.Apply(state.Familiar, fact),
        },
        SourceRemembered e => state with { Sources = FamiliarSource.Add(state.Sources, new FamiliarSource(e.Fingerprint, e.At)) },
        _ => state,
    };

    public static AccountState Apply(AccountState state, IEnumerable<IFact> facts) => facts.Aggregate(state, Apply);
}
