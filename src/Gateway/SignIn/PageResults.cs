using Microsoft.AspNetCore.Http.HttpResults;
using Passthrough.Gateway.SignIn.Pages;

namespace Passthrough.Gateway.SignIn;

/// <summary>The pages with their status and their words.</summary>
internal static class PageResults
{
    /// <summary>The one text for everything that a person who has not proved the password may know of a refusal.</summary>
    public const string RefusalText = "Wrong user name or password.";

    private const string RefusalAdvice =
        "Check both and try again. If it goes on, give your help desk these two lines.";

    public static RazorComponentResult<NameStep> AskName(HttpContext context) =>
        Page<NameStep>(200, new() { [nameof(NameStep.Token)] = FormToken.For(context) });

    /// <summary>What was typed cannot be a name of any account: seen here, without asking anybody.</summary>
    public static RazorComponentResult<NameStep> AskNameAgain(HttpContext context) => Page<NameStep>(400, new()
    {
        [nameof(NameStep.Token)] = FormToken.For(context),
        [nameof(NameStep.Fault)] = "Enter your user name as your organisation gave it to you.",
    });

    public static RazorComponentResult<PasswordStep> AskPassword(HttpContext context, string name) => Page<PasswordStep>(200, new()
    {
        [nameof(PasswordStep.Token)] = FormToken.For(context),
        [nameof(PasswordStep.Name)] = name,
    });

    public static RazorComponentResult<PasswordStep> Refuse(HttpContext context, string name, RequestTrace trace) =>
        Page<PasswordStep>(403, new()
        {
            [nameof(PasswordStep.Token)] = FormToken.For(context),
            [nameof(PasswordStep.Name)] = name,
            [nameof(PasswordStep.Fault)] = RefusalText,
            [nameof(PasswordStep.Advice)] = RefusalAdvice,
            [nameof(PasswordStep.Trace)] = trace,
        });

    public static RazorComponentResult<Notice> TryAgainLater(HttpContext context, RequestTrace trace)
    {
        context.Response.Headers.RetryAfter = "5";
        return Fault(
            503, "Try again in a moment",
            "Your organisation’s directory cannot be asked just now. Your password was neither accepted nor refused.", trace);
    }

    public static RazorComponentResult<Account> Show(HttpContext context, PageSession session) => Page<Account>(200, new()
    {
        [nameof(Account.Token)] = FormToken.For(context),
        [nameof(Account.Session)] = session,
    });

    public static RazorComponentResult<Notice> SignedOut() => Page<Notice>(200, new()
    {
        [nameof(Notice.Heading)] = "You are signed out",
        [nameof(Notice.Text)] = "Close the browser if other people use this device.",
        [nameof(Notice.IsFault)] = false,
    });

    /// <summary>The form's token does not fit: another browser, another site, or a page from before a sign-in elsewhere.</summary>
    public static RazorComponentResult<Notice> FormIsStale() => Fault(
        400, "This page is out of date", "It was open for a long time, or you signed in or out in another window. Nothing was sent.");

    public static RazorComponentResult<Notice> FormIsUnreadable() => Fault(
        400, "This form could not be read", "Nothing was sent. Begin again from the first page.");

    public static RazorComponentResult<Notice> TooMany(int seconds) => Fault(
        429, "Too many sign-ins from your network", $"Wait {seconds} s, then try again. Nothing was sent.");

    public static RazorComponentResult<Notice> OfStatus(int status, RequestTrace? trace = null) => status switch
    {
        404 => Fault(404, "There is no such page", "The address may be mistyped, or the page has moved."),
        405 => Fault(405, "This page cannot be used that way", "Begin again from the first page."),
        < 500 => Fault(status, "The request was not understood", "Begin again from the first page."),
        _ => Fault(status, "Something went wrong here", "It is not your fault. Try again; if it stays, ask your help desk.", trace),
    };

    private static RazorComponentResult<Notice> Fault(int status, string heading, string text, RequestTrace? trace = null) =>
        Page<Notice>(status, new()
        {
            [nameof(Notice.Heading)] = heading,
            [nameof(Notice.Text)] = text,
            [nameof(Notice.WayOn)] = "Back to sign-in",
            [nameof(Notice.Trace)] = trace,
        });

    private static RazorComponentResult<TPage> Page<TPage>(int status, Dictionary<string, object?> parameters)
        where TPage : Microsoft.AspNetCore.Components.IComponent =>
        new(parameters) { StatusCode = status, PreventStreamingRendering = true };
}
