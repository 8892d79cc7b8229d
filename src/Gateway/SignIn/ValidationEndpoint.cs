using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Agents;

namespace Passthrough.Gateway.SignIn;

/// <summary><c>POST /v1/tenants/{tenant}/validations</c> for services that show a key. docs/API.md tells what it takes and
/// gives.</summary>
internal sealed class ValidationEndpoint(
    SignInAudit audit, ApiKeyGate keys, SignInOptions options, TimeProvider time, ILogger<ValidationEndpoint> log)
    : IDisposable
{
    private const int RetryAfterSeconds = 2;

    private readonly PartitionedRateLimiter<string> _inFlight = PartitionedRateLimiter.Create<string, string>(
        key => RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = options.ValidationsInFlightPerKey,
            QueueLimit = 0,
        }));

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(
        "/v1/tenants/{tenant}/validations",
        (HttpContext context, string tenant, ValidationEndpoint endpoint) => endpoint.ValidateAsync(context, tenant));

    public void Dispose() => _inFlight.Dispose();

    private async Task<Results<JsonHttpResult<ValidationReply>, ProblemHttpResult>> ValidateAsync(
        HttpContext context, string tenant)
    {
        var (standing, keyId) = keys.Check(context, tenant);
        if (standing != KeyStanding.Good)
        {
            return Refuse(context, standing);
        }

        using var place = _inFlight.AttemptAcquire(keyId);
        if (!place.IsAcquired)
        {
            return TooMany(context, $"this key has {options.ValidationsInFlightPerKey} validations in flight");
        }

        if (!ValidationRequest.IsJson(context.Request))
        {
            return Problem(415, "the body must be application/json in UTF-8");
        }

        using var body = await BoundedBody.ReadAsync(context.Request, ValidationRequest.MaxBytes, context.RequestAborted);
        if (body is null)
        {
            return Problem(413, $"the body is longer than {ValidationRequest.MaxBytes} bytes");
        }

        using var request = ValidationRequest.Read(body.Bytes, out var fault);
        body.Dispose();
        return request is null
            ? Problem(400, fault)
            : Reply(context, keyId, tenant, await AskAsync(keyId, tenant, request, context.RequestAborted));
    }

    private async Task<ValidationOutcome> AskAsync(string keyId, string tenant, ValidationRequest request, CancellationToken cancel)
    {
        var source = ClientSource.Of(request.ClientAddress, device: null);
        if (TypedName.TryParse(request.UserName) is { } name)
        {
            return await audit.ValidateAsync(keyId, tenant, name, request.Password, source, cancel);
        }

        var attempt = new AttemptId(Guid.CreateVersion7(time.GetUtcNow()));
        audit.Refused(keyId, tenant, attempt, Verdict.InvalidUsernameFormat, source);
        return new ValidationOutcome(
            attempt, Verdict.InvalidUsernameFormat, AgentId: null, AgentName: null, Detail: null, Dispatches: 0, TimeSpan.Zero);
    }

    private JsonHttpResult<ValidationReply> Reply(HttpContext context, string keyId, string tenant, ValidationOutcome outcome)
    {
        log.ValidationEnded(keyId, tenant, outcome);
        var reply = ValidationReply.Of(outcome);
        var later = reply.PublicMeaning == PublicMeaning.TryAgainLater;
        if (later)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Json(reply, ValidationJson.Default.ValidationReply, statusCode: later ? 503 : 200);
    }

    private static ProblemHttpResult Refuse(HttpContext context, KeyStanding standing)
    {
        if (standing == KeyStanding.Bad)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return standing switch
        {
            KeyStanding.OtherTenant => Problem(403, "the key belongs to another tenant"),
            KeyStanding.TooManyTries => TooMany(context, "too many requests with a wrong key came from this address"),
            _ => Problem(401, "a valid API key is needed: Authorization: Bearer pta1.…"),
        };
    }

    private static ProblemHttpResult TooMany(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = "1";
        return Problem(429, detail);
    }

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}
