using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Agents;

/// <summary>Takes a request to validate one password to an agent of the right forest, and brings back exactly one
/// outcome.</summary>
public sealed class Dispatcher(TenantDirectory tenants, TimeProvider time)
{
    /// <summary>Never throws for a failure: there is one outcome by the deadline.</summary>
    /// <param name="password">Not kept; the caller disposes of it afterwards.</param>
    /// <exception cref="OperationCanceledException">The caller does not want to know any more.</exception>
    public Task<ValidationOutcome> ValidateAsync(
        string tenant, TypedName name, TypedPassword password, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(password);
        cancel.ThrowIfCancellationRequested();
        var attempt = new AttemptId(Guid.CreateVersion7(time.GetUtcNow()));
        var verdict = tenants.Now.FindForest(tenant, name) is null ? Verdict.NoRouteForSuffix : Verdict.NoAgent;
        return Task.FromResult(new ValidationOutcome(attempt, verdict, null, null, null, 0, TimeSpan.Zero));
    }
}
