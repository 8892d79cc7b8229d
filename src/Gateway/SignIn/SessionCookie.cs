using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Passthrough.Gateway.SignIn;

/// <summary>The signed-in session: a cookie that only this gateway can read or make, bound to this host and to HTTPS by its
/// name (RFC 6265bis 4.1.3.2), out of reach of scripts, gone when the browser ends or its time is over.</summary>
internal sealed class SessionCookie(SignInOptions options)
{
    public const string Scheme = "session";
    private const string TenantClaim = "tenant";
    private const string AttemptClaim = "attempt";

    public static void Configure(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "__Host-passthrough-session";
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.Path = "/";
        cookie.SlidingExpiration = false;
    }

    public Task BeginAsync(HttpContext context, SignInOutcome.SignedIn who)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, who.Name),
                new Claim(TenantClaim, who.Tenant),
                new Claim(AttemptClaim, who.Attempt.ToString()),
            ],
            Scheme);
        var properties = new AuthenticationProperties
        {
            IssuedUtc = who.At,
            ExpiresUtc = who.At + options.SessionLifetime,
            IsPersistent = false,
        };
        return context.SignInAsync(Scheme, new ClaimsPrincipal(identity), properties);
    }

    /// <summary>Null if nobody is signed in.</summary>
    public static async Task<PageSession?> ReadAsync(HttpContext context)
    {
        var ticket = await context.AuthenticateAsync(Scheme);
        return ticket is { Succeeded: true, Properties.IssuedUtc: { } at }
            && ticket.Principal.FindFirstValue(ClaimTypes.NameIdentifier) is { } name
            && ticket.Principal.FindFirstValue(TenantClaim) is { } tenant
            && ticket.Principal.FindFirstValue(AttemptClaim) is { } attempt
            ? new PageSession(name, tenant, at, attempt)
            : null;
    }

    public static Task EndAsync(HttpContext context) => context.SignOutAsync(Scheme);
}
