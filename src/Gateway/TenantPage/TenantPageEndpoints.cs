using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Passthrough.Decisions.TenantPage;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.SignIn.Pages;
using Passthrough.Gateway.TenantPage.Pages;

namespace Passthrough.Gateway.TenantPage;

/// <summary>The pages around the dashboard: sign-in with a key, the search, sign-out. What somebody typed travels in bodies only.</summary>
internal static class TenantPageEndpoints
{
    public const string Root = "/tenant", SignIn = Root + "/sign-in", SignOut = Root + "/sign-out", Search = Root + "/search";

    public const string KeyField = "key";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(SignIn, PageAssets.Reading, (Delegate)AskKeyAsync);
        routes.MapPost(SignIn, TakeKeyAsync).RequireRateLimiting(SourceLimits.Policy);
        routes.MapPost(SignOut, SignOutAsync);
        routes.MapMethods(Search, PageAssets.Reading, (Delegate)AskSearchAsync);
        routes.MapPost(Search, SearchAsync);
    }

    private static async Task<Results<RazorComponentResult<KeyStep>, SeeOther>> AskKeyAsync(HttpContext context, TenantAccess access) =>
        await access.FindAsync(context) is null ? TenantPageResults.AskKey(context) : new SeeOther(Root);

    private static async Task<Results<SeeOther, RazorComponentResult<KeyStep>, RazorComponentResult<Notice>>> TakeKeyAsync(
        HttpContext context, IAntiforgery antiforgery, TenantAccess access)
    {
        using var form = await SignInForm.ReadAsync(context.Request, context.RequestAborted);
        if (form is null || !await antiforgery.IsRequestValidAsync(context))
        {
            return form is null ? PageResults.FormIsUnreadable() : PageResults.FormIsStale();
        }

        return await access.SignInAsync(context, form.Fields[KeyField].ToString()) is null ? TenantPageResults.Refuse(context) : new SeeOther(Root);
    }

    private static async Task<Results<SeeOther, RazorComponentResult<Notice>>> SignOutAsync(
        HttpContext context, IAntiforgery antiforgery, TenantAccess access)
    {
        using var form = await SignInForm.ReadAsync(context.Request, context.RequestAborted);
        if (form is null || !await antiforgery.IsRequestValidAsync(context))
        {
            return form is null ? PageResults.FormIsUnreadable() : PageResults.FormIsStale();
        }

        return await access.FindAsync(context) is not { } visitor || await access.SignOutAsync(context, visitor, context.RequestAborted)
            ? new SeeOther(SignIn)
            : TenantPageResults.SignedOutHereOnly();
    }

    private static async Task<Results<RazorComponentResult<SearchPage>, SeeOther>> AskSearchAsync(HttpContext context, TenantAccess access)
    {
        if (await access.FindAsync(context) is not { } visitor)
        {
            return new SeeOther(SignIn);
        }

        await access.NoteUseAsync(context, visitor);
        return TenantPageResults.Search(context, visitor, SearchInput.Empty);
    }

    private static async Task<Results<RazorComponentResult<SearchPage>, SeeOther, RazorComponentResult<Notice>>> SearchAsync(
        HttpContext context, IAntiforgery antiforgery, TenantAccess access, TenantSearch search, TimeProvider time)
    {
        if (await access.FindAsync(context) is not { } visitor)
        {
            return new SeeOther(SignIn);
        }

        using var form = await SignInForm.ReadAsync(context.Request, context.RequestAborted);
        if (form is null || !await antiforgery.IsRequestValidAsync(context))
        {
            return form is null ? PageResults.FormIsUnreadable() : PageResults.FormIsStale();
        }

        await access.NoteUseAsync(context, visitor);
        var now = time.GetUtcNow();
        var input = InputOf(form.Fields);
        if (input.Read(now, out var fault) is not { } asked)
        {
            return TenantPageResults.Search(context, visitor, input, fault: fault);
        }

        var answer = await search.RunAsync(visitor, asked, context.RequestAborted);
        return TenantPageResults.Search(context, visitor, input, answer, now: now);
    }

    private static SearchInput InputOf(IFormCollection fields) => new(
        fields["account"].ToString(), fields["id"].ToString(), fields["verdict"].ToString(), fields["since"].ToString(), fields["until"].ToString(),
        fields["at"].ToString(), fields["before"].ToString());
}
