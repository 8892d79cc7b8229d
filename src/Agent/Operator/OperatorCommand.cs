using System.Collections.Immutable;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator;

/// <summary>A command of this node: its definition and what it does. One file in the folder Commands makes one; nothing else needs to know
/// of it. Another console's host can be bound here: it has the same data, and runs a line by telling an <see cref="OperatorNode"/>.</summary>
internal abstract class OperatorCommand(CommandDefinition definition)
{
    public CommandDefinition Definition => definition;

    /// <summary>Does it on this node; called again with the cursor of its last step until it is done.</summary>
    /// <exception cref="OperatorRefusalException">It cannot be done; says why, for the operator.</exception>
    public abstract Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline);

    /// <summary>What may stand for an argument now, besides what its definition suggests.</summary>
    public virtual IEnumerable<string> Suggest(string argument) => [];
}

/// <param name="Cursor">0 at the first call; then what the step before has said.</param>
internal sealed record CommandCall(CommandLine Line, OperatorCaller By, long Cursor);

/// <summary>What came of one call.</summary>
internal sealed record CommandStep(ImmutableArray<ImmutableArray<string>> Rows)
{
    public static readonly CommandStep Empty = new(ImmutableArray<ImmutableArray<string>>.Empty);

    /// <summary>For the next call, from 1 on.</summary>
    public long Cursor { get; init; }

    /// <summary>Of work that lasts, in words; empty: none.</summary>
    public string Progress { get; init; } = "";

    /// <summary>Part of the answer in words; empty: none.</summary>
    public string Note { get; init; } = "";

    public bool IsDone { get; init; } = true;

    public static CommandStep Of(params IEnumerable<IEnumerable<string>> rows) => new([.. rows.Select(row => row.ToImmutableArray())]);

    public static CommandStep Said(string note) => Empty with { Note = note };
}

/// <summary>Who asks.</summary>
/// <param name="Name">As the audit trail has it: for people, without anything that could fool a log.</param>
internal sealed record OperatorCaller(string Name, OperatorRole Role)
{
    public bool May(CommandDefinition command) => command.Role <= Role;
}

/// <summary>Why an operator's command was not carried out.</summary>
internal enum OperatorRefusal
{
    Malformed,
    NotFound,
    Unavailable,
    NotAllowed,

    /// <summary>Another node is meant.</summary>
    NotThisNode,
}

/// <summary>Carries the refusal, in words for the operator.</summary>
internal sealed class OperatorRefusalException(OperatorRefusal why, string message) : Exception(message)
{
    public OperatorRefusal Why => why;
}
