using Microsoft.AspNetCore.Http.Features;

namespace Passthrough.Gateway.SignIn;

/// <summary>Headers of every answer of the page's listener, errors included.</summary>
internal static class SecurityHeaders
{
    /// <summary>Of the pages without a script: nothing is allowed but our own style sheet and image, and forms that go to ourselves.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private const string PermissionsPolicy =
        "accelerometer=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), microphone=(), " +
        "payment=(), usb=()";

    public static Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        // At the last moment: an error handler clears what was set before.
        context.Response.OnStarting(Set, context.Response.Headers);

        // The readers of bodies stop earlier; this is for what nobody reads.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = SignInForm.MaxBytes;
        }

        return next(context);
    }

    private static Task Set(object state)
    {
        var headers = (IHeaderDictionary)state;
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            // A page that follows by itself has one of its own, with its own script and stream.
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
        }

        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.StrictTransportSecurity = "max-age=31536000";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = PermissionsPolicy;

        // The renderer of the pages offers a script what no page here has.
        headers.Remove("blazor-enhanced-nav");
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }
}
