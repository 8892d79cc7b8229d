using System.Diagnostics.CodeAnalysis;
using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Directories.Pooling;

/// <summary>The controllers that one piece of work has not tried yet.</summary>
internal sealed class Tour(DomainController[] controllers)
{
    private readonly bool[] _tried = new bool[controllers.Length];

    /// <summary>The next to try.</summary>
    /// <param name="preferred">The name of one that is taken first unless another is much better; null for none.</param>
    public bool TryNext(string? preferred, [NotNullWhen(true)] out DomainController? controller)
    {
        Span<Candidate> candidates = stackalloc Candidate[controllers.Length];
        for (var index = 0; index < controllers.Length; index++)
        {
            candidates[index] = controllers[index].AsCandidate(_tried[index], controllers[index].Name == preferred);
        }

        var chosen = DomainControllerChoice.Choose(candidates, (ulong)Random.Shared.NextInt64() << 1);
        controller = chosen >= 0 ? controllers[chosen] : null;
        if (chosen >= 0)
        {
            _tried[chosen] = true;
        }

        return controller is not null;
    }
}
