using System.Collections.Immutable;
using Passthrough.Agent.Attempts;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>An attempt as a row.</summary>
internal static class AttemptRows
{
    public static readonly ImmutableArray<ColumnDefinition> Columns =
    [
        new("at", "at (UTC)"), new("verdict", "verdict"), new("codes", "Windows/AADSTS"), new("account", "account"), new("domainController", "DC"),
        new("milliseconds", "ms", ColumnKind.Number), new("route", "route"), new("attempt", "attempt"),
    ];

    private static readonly int Account = Columns.ToList().FindIndex(column => column.Name == "account");

    /// <summary>Where the account is the one that was asked for.</summary>
    public static readonly ImmutableArray<ColumnDefinition> ColumnsOfOne = Columns.RemoveAt(Account);

    public static IEnumerable<string> OfOne(EndedAttempt each) => Of(each).Where((_, column) => column != Account);

    public static IEnumerable<string> Of(EndedAttempt each) =>
    [
        Plain.Moment(each.At), each.Verdict?.ToString() ?? $"handed back: {each.HandedBack}", each.Verdict is { } verdict ? Codes(verdict.Row()) : "",
        each.Account?.ToString() ?? "unknown", each.DomainController, Plain.Number(each.TotalMs), each.Route, each.Id.ToString(),
    ];

    private static string Codes(VerdictRow row) => $"{row.Windows?.ToString() ?? "-"}/{row.Aadsts?.ToString() ?? "-"}";
}
