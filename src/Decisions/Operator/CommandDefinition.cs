using System.Collections.Immutable;

namespace Passthrough.Decisions.Operator;

/// <summary>A command as the node offers it to operators: data, from which help, completion, parsing and the page in docs are made.</summary>
/// <param name="Palette">The group that it stands in, lower case with hyphens.</param>
/// <param name="Name">Within its palette; empty: the palette is the command, as in <c>route NAME</c>.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Columns">What each of its rows says.</param>
public sealed record CommandDefinition(
    string Palette, string Name, OperatorRole Role, string Description, ImmutableArray<ColumnDefinition> Columns)
{
    private static readonly ArgumentDefinition Reason = new("reason", "Why, for the audit trail.")
    {
        Switches = ["--reason"],
        IsRequired = true,
    };

    private static readonly ArgumentDefinition Node = new("node", "This node only: its name, agent id or address. Default: all nodes.")
    {
        Switches = ["-n", "--node"],
    };

    private static readonly ColumnDefinition NodeColumn = new("node", "node");

    /// <summary>Its own; <see cref="AllArguments"/> has those too that every command of its kind takes.</summary>
    public ImmutableArray<ArgumentDefinition> Arguments { get; init; } = [];

    /// <summary>Every node of the cluster runs it, or the one that the argument <c>node</c> names, and each row says which one did.</summary>
    public bool IsForEveryNode { get; init; }

    /// <summary>It goes on until it is stopped.</summary>
    public bool IsTail { get; init; }

    public RowLayout Layout { get; init; }

    /// <summary>The column that the rows are sorted by, the largest number first, text from the least on; empty: by node.</summary>
    public string SortedBy { get; init; } = "";

    /// <summary>The argument that says how many of the sorted rows are shown, the last of them; empty: all.</summary>
    public string Shown { get; init; } = "";

    /// <summary>Its rows are shown only when every node has answered, so that they can be sorted.</summary>
    public bool IsKept => IsForEveryNode && !IsTail;

    /// <summary>As it is typed.</summary>
    public string Title => Name.Length == 0 ? Palette : $"{Palette} {Name}";

    public ImmutableArray<ArgumentDefinition> AllArguments =>
    [
        .. Arguments,
        .. IsForEveryNode && Arguments.All(each => each.Name != Node.Name) ? [Node] : ImmutableArray<ArgumentDefinition>.Empty,
        .. Role == OperatorRole.Operate ? [Reason] : ImmutableArray<ArgumentDefinition>.Empty,
    ];

    public ImmutableArray<ColumnDefinition> AllColumns => IsForEveryNode ? [NodeColumn, .. Columns] : Columns;
}

/// <summary>How rows are shown to people.</summary>
public enum RowLayout
{
    /// <summary>One a line under the columns' titles.</summary>
    Table,

    /// <summary>Each as a paragraph, a column a line.</summary>
    Record,

    /// <summary>One a line, values with <c> | </c> between them.</summary>
    Line,
}

/// <summary>What a value is, for programs that read JSON.</summary>
public enum ColumnKind
{
    Text,
    Number,

    /// <summary><c>true</c> or <c>false</c>; people see the title, or nothing.</summary>
    Flag,
}

/// <summary>A value of each row.</summary>
/// <param name="Name">For JSON, in camelCase.</param>
/// <param name="Title">For people, with the unit.</param>
public sealed record ColumnDefinition(string Name, string Title, ColumnKind Kind = ColumnKind.Text);

/// <summary>What is expected of an argument.</summary>
public enum ArgumentKind
{
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A number and its unit: 5s, 5m, 1h or 1d.</summary>
    Duration,

    /// <summary>Stands alone.</summary>
    Flag,
}

/// <summary>An argument of a command.</summary>
/// <param name="Name">Of a positional one, as help shows it in capitals.</param>
public sealed record ArgumentDefinition(string Name, string Description)
{
    /// <summary>By which it is named, short first; none: it is known by its place.</summary>
    public ImmutableArray<string> Switches { get; init; } = [];

    public ArgumentKind Kind { get; init; }

    public bool IsRequired { get; init; }

    /// <summary>The bounds of a number, or of a duration in seconds.</summary>
    public long Least { get; init; }

    public long Most { get; init; } = int.MaxValue;

    /// <summary>As it would be typed; empty: none.</summary>
    public string Default { get; init; } = "";

    /// <summary>Offered for completion; others are accepted too.</summary>
    public ImmutableArray<string> Suggestions { get; init; } = [];
}
