using Microsoft.AspNetCore.Antiforgery;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Gateway.SignIn;

/// <summary>What a help desk needs to find one request in the logs.</summary>
public sealed record RequestTrace(AttemptId Attempt, DateTimeOffset At);

/// <summary>Who is signed in, as the session's cookie says.</summary>
public sealed record PageSession(string Name, string Tenant, DateTimeOffset At, string Attempt);

/// <summary>The proof, carried in a hidden field, that a form came from our own page in the same browser.</summary>
public sealed record FormToken(string Value)
{
    public const string Field = "form";

    /// <summary>Makes one, and sets its cookie on the response.</summary>
    public static FormToken For(HttpContext context) =>
        new(context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken!);
}
