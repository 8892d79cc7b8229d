using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using Passthrough.Audit;
using Passthrough.Decisions.Audit;
using Passthrough.Decisions.TenantPage;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.TenantPage;

/// <summary>Who looks at a tenant's page.</summary>
/// <param name="Name">Whom the key was made for.</param>
public sealed record TenantVisitor(string Tenant, string KeyId, string Name, TenantSession Session)
{
    /// <summary>As the audit log names them.</summary>
    public string By => $"{Name} (page key {KeyId})";
}

/// <summary>Who may look at a tenant's page: who has typed a key of it, for as long as the key is good and the session is. Asked of
/// the directory in memory, which notices a revoked key within a second; a stream asks again each time that it sends.</summary>
internal sealed class TenantAccess(
    TenantDirectory tenants, IDbContextFactory<GatewayContext> database, AuditLog audit, TimeProvider time, ILogger<TenantAccess> log)
{
    public const string Scheme = "tenant-page";

    private const string KeyClaim = "key", TenantClaim = "tenant", BeganClaim = "began", UsedClaim = "used";

    public static void Configure(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "__Host-passthrough-tenant";
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Strict;
        cookie.Cookie.Path = "/";
        cookie.SlidingExpiration = false;
    }

    /// <summary>Null if the key is none that opens a page, whatever the reason.</summary>
    public async Task<TenantVisitor?> SignInAsync(HttpContext context, string typed)
    {
        var now = Now;
        if (!ApiKey.TryParse(typed.Trim(), KeyPurpose.TenantPage, out var key)
            || tenants.Now.FindApiKey(key.Id, KeyPurpose.TenantPage, now) is not { } stored || !key.Matches(stored))
        {
            log.PageKeyRefused(context.Connection.RemoteIpAddress);
            return null;
        }

        var visitor = new TenantVisitor(stored.Tenant, stored.Id, stored.Name, new TenantSession(now, now));
        audit.Append(new AuditEntry.Act(now, visitor.By, "sign-in to the tenant page", "done") { Tenant = stored.Tenant });
        await WriteAsync(context, visitor);
        return visitor;
    }

    /// <summary>Null if nobody is signed in, or no longer.</summary>
    public async Task<TenantVisitor?> FindAsync(HttpContext context)
    {
        var ticket = await context.AuthenticateAsync(Scheme);
        if (ticket.Principal is not { } principal || principal.FindFirstValue(KeyClaim) is not { } id
            || Instant(principal, BeganClaim) is not { } began || Instant(principal, UsedClaim) is not { } used)
        {
            return null;
        }

        var (now, session) = (time.GetUtcNow(), new TenantSession(began, used));
        var key = tenants.Now.FindApiKey(id, KeyPurpose.TenantPage, now);
        return session.Judge(key is not null && key.Tenant == principal.FindFirstValue(TenantClaim), key?.SignedOutAt, now) == SessionStanding.Good
            ? new TenantVisitor(key!.Tenant, key.Id, key.Name, session)
            : null;
    }

    /// <summary>A person has asked for something: the session goes on.</summary>
    public Task NoteUseAsync(HttpContext context, TenantVisitor visitor)
    {
        var now = Now;
        return visitor.Session.IsToBeNoted(now) ? WriteAsync(context, visitor with { Session = visitor.Session with { Used = now } }) : Task.CompletedTask;
    }

    /// <summary>Ends all sessions of this key, at all instances, streams too. False: the database does not answer, and only this
    /// browser's is over.</summary>
    public async Task<bool> SignOutAsync(HttpContext context, TenantVisitor visitor, CancellationToken cancel)
    {
        await context.SignOutAsync(Scheme);
        var at = visitor.Session.SignOutAt(Now);
        var isEverywhere = true;
        try
        {
            await using var stored = await database.CreateDbContextAsync(cancel);
            await using var transaction = await stored.Database.BeginTransactionAsync(cancel);
            await stored.CountChangeAsync(cancel);
            await stored.ApiKeys.Where(key => key.Id == visitor.KeyId).ExecuteUpdateAsync(set => set.SetProperty(key => key.SignedOutAt, at), cancel);
            await transaction.CommitAsync(cancel);
        }
        catch (Exception e) when (DatabaseFault.Is(e))
        {
            log.SignOutNotStored(visitor.KeyId, DatabaseFault.Reason(e));
            isEverywhere = false;
        }

        audit.Append(new AuditEntry.Act(at, visitor.By, "sign-out from the tenant page", isEverywhere ? "done" : "in one browser only") { Tenant = visitor.Tenant });
        return isEverywhere;
    }

    /// <summary>As exact as a cookie has it, so that a session is not from before its own beginning.</summary>
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private static Task WriteAsync(HttpContext context, TenantVisitor visitor)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(KeyClaim, visitor.KeyId), new Claim(TenantClaim, visitor.Tenant),
                new Claim(BeganClaim, Text(visitor.Session.Began)), new Claim(UsedClaim, Text(visitor.Session.Used)),
            ],
            Scheme);
        var properties = new AuthenticationProperties { IssuedUtc = visitor.Session.Used, ExpiresUtc = visitor.Session.Ends, IsPersistent = false };
        return context.SignInAsync(Scheme, new ClaimsPrincipal(identity), properties);
    }

    private static string Text(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset? Instant(ClaimsPrincipal principal, string claim) =>
        long.TryParse(principal.FindFirstValue(claim), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            ? DateTimeOffset.FromUnixTimeMilliseconds(time)
            : null;
}
