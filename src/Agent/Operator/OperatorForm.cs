using Passthrough.Decisions.Operator;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Operator;

/// <summary>Definitions as they go to the console.</summary>
internal static class OperatorForm
{
    /// <param name="suggest">What may stand for an argument now.</param>
    public static Wire.V1.OperatorCommand Of(CommandDefinition command, Func<string, IEnumerable<string>> suggest) => new()
    {
        Palette = command.Palette,
        Name = command.Name,
        Description = command.Description,
        Operates = command.Role == OperatorRole.Operate,
        Tails = command.IsTail,
        Arguments =
        {
            command.AllArguments.Select(argument => new OperatorArgument
            {
                Name = argument.Name,
                Description = argument.Description,
                Switches = { argument.Switches },
                Required = argument.IsRequired,
                Flag = argument.Kind == ArgumentKind.Flag,
                Default = argument.Default,
                Suggestions = { argument.Suggestions.Concat(suggest(argument.Name)).Select(Plain.Text).Distinct() },
            }),
        },
        Columns = { command.AllColumns.Select(Of) },
    };

    public static RunReply Columns(CommandDefinition command) => new()
    {
        Columns = new RunReply.Types.Columns
        {
            Tails = command.IsTail,
            Columns_ = { command.AllColumns.Select(Of) },
            Layout = command.Layout switch
            {
                RowLayout.Record => RunReply.Types.Layout.Record,
                RowLayout.Line => RunReply.Types.Layout.Line,
                _ => RunReply.Types.Layout.Table,
            },
        },
    };

    private static OperatorColumn Of(ColumnDefinition column) => new()
    {
        Name = column.Name,
        Title = column.Title,
        Kind = column.Kind switch
        {
            ColumnKind.Number => OperatorColumn.Types.Kind.Number,
            ColumnKind.Flag => OperatorColumn.Types.Kind.Flag,
            _ => OperatorColumn.Types.Kind.Text,
        },
    };
}
