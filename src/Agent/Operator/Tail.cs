using System.Collections.Immutable;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator;

/// <summary>A command that shows what happens: what is kept of the last, then each as it comes.</summary>
internal static class Tail
{
    /// <summary>How many of those before are shown.</summary>
    public static readonly ArgumentDefinition Last = new("last", "How many of the last are shown first.")
    {
        Switches = ["-l", "--last"],
        Kind = ArgumentKind.Number,
        Default = "10",
        Most = 500,
    };

    /// <summary>Shows what is kept and ends.</summary>
    public static readonly ArgumentDefinition Once = new("once", "Ends after the last.") { Switches = ["--once"], Kind = ArgumentKind.Flag };

    public static CommandStep Step<T>(CommandCall call, EventRing<T> ring, Func<T, bool> isMeant, Func<T, IEnumerable<string>> toRow)
    {
        var (items, lost, cursor) = ring.Since(call.Cursor);
        var meant = items.Where(isMeant).ToImmutableArray();
        var shown = call.Cursor == 0 ? meant.Skip(Math.Max(0, meant.Length - (int)call.Line.Number(Last.Name))) : meant;
        return CommandStep.Of(shown.Select(toRow)) with
        {
            Cursor = cursor,
            IsDone = call.Line.Has(Once.Name),
            Note = lost > 0 ? $"{lost} were too many to be shown" : "",
        };
    }
}
