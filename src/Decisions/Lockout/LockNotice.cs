using System.Collections.Immutable;

namespace Passthrough.Decisions.Lockout;

/// <summary>What a locked account tells of its lock, so that a gateway can answer for it by itself. Durations, so that clocks need
/// not agree.</summary>
/// <param name="Familiar">For how long sign-ins from familiar sources are refused. Zero: they are not.</param>
/// <param name="Unfamiliar">And those from all others.</param>
/// <param name="FamiliarSources">Fingerprints of the familiar sources (<see cref="ClientSource.Fingerprints"/>).</param>
public sealed record LockNotice(TimeSpan Familiar, TimeSpan Unfamiliar, ImmutableArray<ulong> FamiliarSources)
{
    /// <summary>When the last of it is over, from when it was told.</summary>
    public TimeSpan Longest => Familiar > Unfamiliar ? Familiar : Unfamiliar;

    /// <summary>What is left of it for familiar sources and for all others; zero: nothing.</summary>
    /// <param name="since">How long ago the notice was told.</param>
    public (TimeSpan Familiar, TimeSpan Unfamiliar) Left(TimeSpan since) => (AtLeastNothing(Familiar - since), AtLeastNothing(Unfamiliar - since));

    /// <summary>For how long a sign-in from this source is still refused. Zero: the account has to be asked.</summary>
    /// <param name="since">How long ago the notice was told.</param>
    public TimeSpan LeftFor(ClientSource source, TimeSpan since) => AtLeastNothing((IsFamiliar(source) ? Familiar : Unfamiliar) - since);

    private static TimeSpan AtLeastNothing(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private bool IsFamiliar(ClientSource source) => source.Fingerprints().Any(FamiliarSources.Contains);
}
