using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.SignIn;

/// <summary>How a sign-in ended, as its person may know it.</summary>
internal abstract record SignInOutcome(AttemptId Attempt, DateTimeOffset At)
{
    public sealed record SignedIn(AttemptId Attempt, DateTimeOffset At, string Name, string Tenant) : SignInOutcome(Attempt, At);

    public sealed record Refused(AttemptId Attempt, DateTimeOffset At) : SignInOutcome(Attempt, At);

    public sealed record TryAgainLater(AttemptId Attempt, DateTimeOffset At) : SignInOutcome(Attempt, At);
}

/// <summary>One sign-in from what was typed to what may be told. Whatever is refused is refused in one way: a name that
/// cannot be one, a suffix of no tenant, a password that cannot be right, and every refusal of an agent.</summary>
internal sealed class SignInFlow(
    TenantDirectory tenants, SignInAudit audit, SignInOptions options, TimeProvider time, ILogger<SignInFlow> log)
{
    /// <param name="sourceFor">Where the person is, for a tenant: each knows devices by names of its own.</param>
    public async Task<SignInOutcome> RunAsync(
        string typedName, TypedPassword? password, Func<string, ClientSource> sourceFor, CancellationToken cancel)
    {
        var begun = time.GetTimestamp();
        if (options.RefusalStep == TimeSpan.Zero)
        {
            return await DecideAsync(typedName, password, sourceFor, begun, cancel);
        }

        // The steps are counted from before the decision, by one timer: what is left of a step, reckoned after it, would be rounded
        // to the timer's milliseconds, and so tell the fractions of a millisecond that the decision took.
        using var steps = new PeriodicTimer(options.RefusalStep, time);
        var deciding = TimeAsync();
        var next = options.RefusalStep;
        while (true)
        {
            var step = steps.WaitForNextTickAsync(CancellationToken.None).AsTask();
            if (await Task.WhenAny(deciding, step) == deciding && (await deciding).Outcome is SignInOutcome.SignedIn signedIn)
            {
                return signedIn;
            }

            await step;
            if (deciding.IsCompleted && (await deciding).Took <= next)
            {
                return (await deciding).Outcome;
            }

            next += options.RefusalStep;
        }

        async Task<(SignInOutcome Outcome, TimeSpan Took)> TimeAsync() =>
            (await DecideAsync(typedName, password, sourceFor, begun, cancel), time.GetElapsedTime(begun));
    }

    private async Task<SignInOutcome> DecideAsync(
        string typedName, TypedPassword? password, Func<string, ClientSource> sourceFor, long begun, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var name = TypedName.TryParse(typedName);
        var tenant = name is null ? null : tenants.Now.FindTenant(name.Suffix);
        if (name is null || password is null || tenant is null)
        {
            var attempt = new AttemptId(Guid.CreateVersion7(now));
            var verdict = name is null ? Verdict.InvalidUsernameFormat
                : password is null ? Verdict.BadPassword
                : Verdict.NoRouteForSuffix;
            audit.Refused(SignInAudit.Page, tenant, attempt, verdict, sourceFor(tenant ?? "-"));
            log.SignInEnded(attempt, verdict, "-", "-", dispatches: 0, time.GetElapsedTime(begun));
            return new SignInOutcome.Refused(attempt, now);
        }

        var answer = await audit.ValidateAsync(SignInAudit.Page, tenant, name, password, sourceFor(tenant), cancel);
        log.SignInEnded(answer.Attempt, answer.Verdict, tenant, answer.AgentName ?? "-", answer.Dispatches, answer.Elapsed);
        return answer.Verdict.Row().Public switch
        {
            PublicMeaning.SignedIn => new SignInOutcome.SignedIn(answer.Attempt, now, name.Text.Trim(), tenant),
            PublicMeaning.WrongNameOrPassword => new SignInOutcome.Refused(answer.Attempt, now),
            _ => new SignInOutcome.TryAgainLater(answer.Attempt, now),
        };
    }
}
