using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Passthrough.Repository.Tests;

/// <summary>Log lines are methods with a number that an operator can search for, and never carry a secret.</summary>
public partial class LogTests
{
    /// <summary>First and last event id of each project.</summary>
    private static readonly Dictionary<string, (int First, int Last)> Ranges = new()
    {
        ["Directories"] = (1000, 1999),
        ["Agent"] = (2000, 2999),
        ["Gateway"] = (3000, 3999),
        ["Audit"] = (4000, 4099),
    };

    /// <summary>Ranges of rooms within their project's.</summary>
    private static readonly Dictionary<string, (int First, int Last)> RoomRanges = new()
    {
        ["src/Agent/Lockout/"] = (2200, 2299),
        ["src/Agent/Connector/"] = (2300, 2399),
        ["src/Agent/Attempts/"] = (2400, 2499),
        ["src/Agent/Hosting/"] = (2500, 2599),
        ["src/Agent/Operator/"] = (2600, 2699),
        ["src/Agent/Peers/"] = (2700, 2799),
        ["src/Agent/Monitoring/"] = (2800, 2899),
        ["src/Gateway/Agents/"] = (3000, 3099),
        ["src/Gateway/Instances/"] = (3100, 3299),
        ["src/Gateway/SignIn/"] = (3300, 3599),
        ["src/Gateway/TenantPage/"] = (3860, 3899),
        ["src/Gateway/Storage/"] = (3600, 3799),
        ["src/Gateway/Admin/"] = (3600, 3799),
    };

    internal static IEnumerable<LogLine> Lines =>
        from source in Sources.All
        from attribute in source.Root.DescendantNodes().OfType<AttributeSyntax>()
        where attribute.Name.ToString() is "LoggerMessage" or "LoggerMessageAttribute"
        select new LogLine(source, attribute);

    [Fact]
    public void Every_log_line_has_an_event_id_written_as_a_number() => House.Holds(
        from line in Lines
        where line.EventId is null
        select $"{line.Place}: no event id");

    [Fact]
    public void Event_ids_are_unique() => House.Holds(
        from line in Lines
        where line.EventId is not null
        group line by line.EventId into same
        where same.Count() > 1
        select $"event id {same.Key}: {string.Join(", ", same.Select(l => l.Place))}");

    [Fact]
    public void Event_ids_are_in_the_range_of_their_room() => House.Holds(
        from line in Lines
        let range = RoomRanges.Where(r => line.Source.Path.StartsWith(r.Key, StringComparison.Ordinal))
            .Select(r => r.Value).FirstOrDefault(Ranges.GetValueOrDefault(line.Source.Project))
        where line.EventId < range.First || line.EventId > range.Last
        select $"{line.Place}: event id {line.EventId} is outside {range.First}-{range.Last}");

    [Fact]
    public void A_log_line_names_no_secret_and_has_no_full_stop() => House.Holds([
        .. from line in Lines
           where SecretField().IsMatch(line.Message)
           select $"{line.Place}: a secret as a field: {line.Message}",
        .. from line in Lines
           where line.Message.EndsWith('.')
           select $"{line.Place}: ends with a full stop: {line.Message}"]);

    [Fact]
    public void Nothing_is_logged_past_the_numbered_methods() => House.Holds(
        from source in Sources.All
        from call in source.Root.DescendantNodes().OfType<InvocationExpressionSyntax>()
        where call.Expression is MemberAccessExpressionSyntax
        {
            Name.Identifier.Text: "LogTrace" or "LogDebug" or "LogInformation" or "LogWarning" or "LogError" or "LogCritical",
        }
        select $"{source.At(call)}: {call.Expression}; write a [LoggerMessage] method");

    [GeneratedRegex(@"\{@?\w*(password|secret|token|apikey|privatekey|contentkey)\w*(?<!Id)[}:,]", RegexOptions.IgnoreCase)]
    private static partial Regex SecretField();

    internal sealed record LogLine(Source Source, AttributeSyntax Attribute)
    {
        public string Place => Source.At(Attribute);

        public int? EventId => Arguments
            .Where((a, i) => a.NameEquals?.Name.Identifier.Text == "EventId" || (i == 0 && a.NameEquals is null))
            .Select(a => int.TryParse(a.Expression.ToString(), CultureInfo.InvariantCulture, out var id) ? id : (int?)null)
            .FirstOrDefault();

        /// <summary>As it is called in <c>LogLevel</c>; <c>By case</c> if the caller says it.</summary>
        public string Level => Arguments.Select(a => a.Expression.ToString())
            .FirstOrDefault(text => text.StartsWith("LogLevel.", StringComparison.Ordinal))?["LogLevel.".Length..] ?? "By case";

        /// <summary>Every literal of the attribute, joined: a message may be written in parts.</summary>
        public string Message => string.Concat(
            Attribute.DescendantNodes().OfType<LiteralExpressionSyntax>().Select(l => l.Token.Value as string));

        private IEnumerable<AttributeArgumentSyntax> Arguments => Attribute.ArgumentList?.Arguments ?? [];
    }
}
