using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.SignIn.Pages;

namespace Passthrough.Gateway.SignIn;

/// <summary>The pages a person walks through: name, password, who you are, sign out. Nothing of it needs a script, and no
/// address holds a name or a place to go on to.</summary>
internal static class PageEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", PageAssets.Reading, (Delegate)BeginAsync);
        routes.MapMethods("/sign-in/name", PageAssets.Reading, () => new SeeOther("/"));
        routes.MapMethods("/sign-in/password", PageAssets.Reading, () => new SeeOther("/"));
        routes.MapPost("/sign-in/name", TakeNameAsync);
        routes.MapPost("/sign-in/password", TakePasswordAsync).RequireRateLimiting(SourceLimits.Policy);
        routes.MapMethods("/account", PageAssets.Reading, (Delegate)ShowAccountAsync);
        routes.MapPost("/sign-out", SignOutAsync);
        routes.MapMethods("/signed-out", PageAssets.Reading, () => PageResults.SignedOut());
    }

    private static async Task<Results<RazorComponentResult<NameStep>, SeeOther>> BeginAsync(HttpContext context) =>
        await SessionCookie.ReadAsync(context) is null ? PageResults.AskName(context) : new SeeOther("/account");

    private static async Task<Results<RazorComponentResult<PasswordStep>, RazorComponentResult<NameStep>, RazorComponentResult<Notice>>>
        TakeNameAsync(HttpContext context, IAntiforgery antiforgery)
    {
        using var form = await SignInForm.ReadAsync(context.Request, context.RequestAborted);
        if (form is null || !await antiforgery.IsRequestValidAsync(context))
        {
            return form is null ? PageResults.FormIsUnreadable() : PageResults.FormIsStale();
        }

        return TypedName.TryParse(form.Name) is { } name
            ? PageResults.AskPassword(context, name.Text.Trim())
            : PageResults.AskNameAgain(context);
    }

    private static async Task<Results<SeeOther, RazorComponentResult<PasswordStep>, RazorComponentResult<Notice>>>
        TakePasswordAsync(HttpContext context, IAntiforgery antiforgery, SignInFlow flow, SessionCookie session, DeviceCookie device)
    {
        using var form = await SignInForm.ReadAsync(context.Request, context.RequestAborted);
        if (form is null || !await antiforgery.IsRequestValidAsync(context))
        {
            return form is null ? PageResults.FormIsUnreadable() : PageResults.FormIsStale();
        }

        var outcome = await flow.RunAsync(
            form.Name, form.Password, tenant => device.SourceOf(context, tenant), context.RequestAborted);
        var trace = new RequestTrace(outcome.Attempt, outcome.At);
        switch (outcome)
        {
            case SignInOutcome.SignedIn who:
                await session.BeginAsync(context, who);
                device.Remember(context, who.Tenant);
                return new SeeOther("/account");
            case SignInOutcome.Refused:
                return PageResults.Refuse(context, form.Name, trace);
            default:
                return PageResults.TryAgainLater(context, trace);
        }
    }

    private static async Task<Results<RazorComponentResult<Account>, SeeOther>> ShowAccountAsync(HttpContext context) =>
        await SessionCookie.ReadAsync(context) is { } session ? PageResults.Show(context, session) : new SeeOther("/");

    private static async Task<Results<SeeOther, RazorComponentResult<Notice>>> SignOutAsync(
        HttpContext context, IAntiforgery antiforgery)
    {
        using var form = await SignInForm.ReadAsync(context.Request, context.RequestAborted);
        if (form is null || !await antiforgery.IsRequestValidAsync(context))
        {
            return form is null ? PageResults.FormIsUnreadable() : PageResults.FormIsStale();
        }

        await SessionCookie.EndAsync(context);
        return new SeeOther("/signed-out");
    }
}
