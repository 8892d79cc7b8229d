using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.TenantPage;

namespace Passthrough.Gateway.SignIn;

/// <summary>Brings sign-in into a web application: one call for its services, one for its pages and endpoints.</summary>
public static class SignInSetup
{
    /// <summary>Needs the <see cref="Storage.TenantDirectory"/>, the <see cref="Dispatcher"/> and the <see cref="Passthrough.Audit.AuditLog"/>.</summary>
    /// <param name="keys">Of the cookies.</param>
    /// <param name="options">Checked already.</param>
    public static IServiceCollection AddSignIn(this IServiceCollection services, IXmlRepository keys, SignInOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ValidatePassword>(provider => provider.GetRequiredService<Dispatcher>().ValidateAsync);
        services.AddSingleton<RecentAttempts>();
        services.AddSingleton<SignInAudit>();
        services.AddSingleton<SignInFlow>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<DeviceCookie>();
        services.AddSingleton<SourceLimits>();
        services.AddSingleton<ApiKeyGate>();
        services.AddSingleton<ValidationEndpoint>();
        services.AddRazorComponents();
        services.AddProblemDetails(problems =>
            problems.CustomizeProblemDetails = problem => problem.ProblemDetails.Extensions.Remove("traceId"));
        services.AddAntiforgery(ConfigureForms);
        services.AddAuthentication(SessionCookie.Scheme).AddCookie(SessionCookie.Scheme, SessionCookie.Configure);
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(SourceLimits.Policy, SourceLimits.Partition);
            limiter.OnRejected = SourceLimits.RejectAsync;
        });
        services.AddDataProtection().SetApplicationName("passthrough-gateway");
        services.Configure<KeyManagementOptions>(management => management.XmlRepository = keys);

        // It warns that no encryptor is configured: the repository encrypts.
        services.AddLogging(log => log.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error));
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        return services;
    }

    /// <summary>The whole application becomes the page's: its headers, limits and error pages hold for every path.</summary>
    public static void MapSignIn(this WebApplication app)
    {
        app.Use(SecurityHeaders.ApplyAsync);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = TellFaultAsync,
            SuppressDiagnosticsCallback = _ => true,
            StatusCodeSelector = fault => fault is Microsoft.AspNetCore.Http.BadHttpRequestException bad ? bad.StatusCode : 500,
        });
        app.UseStatusCodePages(page => TellStatusAsync(page.HttpContext, null));
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        PageAssets.Map(app);
        PageEndpoints.Map(app);
        ValidationEndpoint.Map(app);
    }

    private static void ConfigureForms(AntiforgeryOptions forms)
    {
        forms.FormFieldName = FormToken.Field;
        forms.HeaderName = null;
        forms.Cookie.Name = "__Host-passthrough-form";
        forms.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        forms.Cookie.HttpOnly = true;
        forms.Cookie.SameSite = SameSiteMode.Strict;
        forms.Cookie.Path = "/";
        forms.SuppressXFrameOptionsHeader = true;
    }

    private static Task TellFaultAsync(HttpContext context)
    {
        var time = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var trace = new RequestTrace(new AttemptId(Guid.CreateVersion7(time)), time);
        if (context.Response.StatusCode >= 500 && context.Features.Get<IExceptionHandlerFeature>() is { } failed)
        {
            var log = context.RequestServices.GetRequiredService<ILogger<SignInFlow>>();
            log.RequestFailed(failed.Error, trace.Attempt, failed.Endpoint?.DisplayName ?? "no endpoint");
        }

        return TellStatusAsync(context, trace);
    }

    private static Task TellStatusAsync(HttpContext context, RequestTrace? trace)
    {
        var status = context.Response.StatusCode;
        var forService = context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);
        IResult told = forService
            ? TypedResults.Problem(trace is null ? null : $"request {trace.Attempt}", statusCode: status)
            : PageResults.OfStatus(status, trace);
        return told.ExecuteAsync(context);
    }
}
