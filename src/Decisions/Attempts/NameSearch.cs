using System.Collections.Immutable;

namespace Passthrough.Decisions.Attempts;

/// <summary>What one forest says of a name.</summary>
public enum SearchAnswer
{
    NotFound,

    /// <summary>One account answers to it.</summary>
    Found,

    /// <summary>More than one account of the forest answers to it.</summary>
    Several,

    /// <summary>Nobody could say.</summary>
    NoVerdict,
}

/// <summary>Where an attempt goes after its name was searched in several forests.</summary>
/// <param name="Forest">The index of the forest that gets it, if there is no refusal.</param>
/// <param name="Refusal">The verdict if none gets it.</param>
public readonly record struct SearchDecision(int Forest, Verdict? Refusal);

/// <summary>A name whose suffix leads to several forests: which of them gets the password. Never more than one, and none if the name
/// may be somebody else's in another.</summary>
public static class NameSearch
{
    /// <summary>The most that a search takes of an attempt's time.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(3);

    /// <summary>The rest is for the attempt: half, at least.</summary>
    /// <param name="left">Until the attempt's deadline.</param>
    public static TimeSpan TimeFor(TimeSpan left) => left / 2 < LongestTime ? left / 2 : LongestTime;

    /// <param name="answers">One of each forest, in the order in which they are configured.</param>
    public static SearchDecision Decide(ImmutableArray<SearchAnswer> answers)
    {
        var known = answers.Count(answer => answer is SearchAnswer.Found or SearchAnswer.Several);
        return known > 1 ? new(0, Verdict.AmbiguousRoute)

            // It might be known there, too.
            : answers.Contains(SearchAnswer.NoVerdict) ? new(0, Verdict.NoDomainController)

            // A name of nobody takes the way that all others take, at the first.
            : new(Math.Max(0, Math.Max(answers.IndexOf(SearchAnswer.Found), answers.IndexOf(SearchAnswer.Several))), null);
    }
}
