using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Passthrough.Decisions.Audit;
using Passthrough.Decisions.TenantPage;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.SignIn.Pages;
using Passthrough.Gateway.TenantPage.Pages;

namespace Passthrough.Gateway.TenantPage;

/// <summary>What a search has to say.</summary>
/// <param name="Text">One line: what is shown, or why nothing is.</param>
/// <param name="Next">The form that it goes on with; null: there is nothing more.</param>
public sealed record SearchShown(string Text, bool IsFault, IReadOnlyList<AuditRow> Rows, SearchInput? Next);

/// <summary>The pages around the dashboard, with their status and their words.</summary>
internal static class TenantPageResults
{
    public static RazorComponentResult<KeyStep> AskKey(HttpContext context) => Page<KeyStep>(200, new() { [nameof(KeyStep.Token)] = FormToken.For(context) });

    /// <summary>The same for every reason.</summary>
    public static RazorComponentResult<KeyStep> Refuse(HttpContext context) => Page<KeyStep>(403, new()
    {
        [nameof(KeyStep.Token)] = FormToken.For(context),
        [nameof(KeyStep.Fault)] = "This key opens nothing.",
    });

    public static RazorComponentResult<Notice> SignedOutHereOnly() => Page<Notice>(503, new()
    {
        [nameof(Notice.Heading)] = "You are signed out in this browser only",
        [nameof(Notice.Text)] = "The gateway’s database does not answer. Other sessions of your key go on until their time is over.",
        [nameof(Notice.WayOn)] = "Back to sign-in",
    });

    public static RazorComponentResult<SearchPage> Search(
        HttpContext context, TenantVisitor visitor, SearchInput input, SearchAnswer? answer = null, string fault = "", DateTimeOffset now = default)
    {
        var shown = fault.Length > 0 ? new SearchShown(fault, IsFault: true, [], null) : answer is null ? null : Show(input, answer, now);
        if (answer is SearchAnswer.Busy)
        {
            context.Response.Headers.RetryAfter = "5";
        }

        var services = context.RequestServices;
        var watch = services.GetRequiredService<InstanceWatch>();
        return Page<SearchPage>(fault.Length > 0 ? 400 : answer is null or SearchAnswer.Done ? 200 : 503, new()
        {
            [nameof(SearchPage.Token)] = FormToken.For(context),
            [nameof(SearchPage.Visitor)] = visitor,
            [nameof(SearchPage.Input)] = input with { At = "", Before = "" },
            [nameof(SearchPage.Shown)] = shown,
            [nameof(SearchPage.Instance)] = watch.Own,
            [nameof(SearchPage.Others)] = watch.Others.Count,
            [nameof(SearchPage.Audit)] = services.GetRequiredService<GatewayOptions>().Audit,
        });
    }

    private static SearchShown Show(SearchInput input, SearchAnswer answer, DateTimeOffset now)
    {
        if (answer is not SearchAnswer.Done { Found: var found })
        {
            return new SearchShown(
                answer is SearchAnswer.Busy
                    ? "A search is running already. Wait until it has ended, then try again."
                    : "The log of this instance cannot be read just now. The gateway’s operator finds the reason in its log.",
                IsFault: true, [], null);
        }

        var back = found.Back is { } at ? $" back to {Instant(at)} UTC" : "";
        var count = found.Records.Count;
        var text = found.Next is null ? (count == 0 ? "Nothing matches." : $"{count} {(count == 1 ? "record matches" : "records match")}. Newest first.")
            : found.IsOutOfTime ? $"The search was ended after {TenantSearch.Longest.TotalSeconds:0} s. It has looked{back}; what is older was not looked at."
            : $"The newest {count} that match,{back}. Older ones match too.";
        return new SearchShown(text, IsFault: false, [.. found.Records.Select(record => AuditRow.Of(record))], found.Next is { } next ? input.From(next, now) : null);
    }

    /// <summary>UTC, to the second.</summary>
    internal static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static RazorComponentResult<TPage> Page<TPage>(int status, Dictionary<string, object?> parameters)
        where TPage : Microsoft.AspNetCore.Components.IComponent =>
        new(parameters) { StatusCode = status, PreventStreamingRendering = true };
}
