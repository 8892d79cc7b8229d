using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Audit;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.TenantPage;

namespace Passthrough.Gateway.Tests.SignIn;

public class SignInFlowTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(0, 500)]
    [InlineData(30, 500)]
    [InlineData(499, 500)]
    [InlineData(501, 1000)]
    [InlineData(740, 1000)]
    public async Task A_refusal_is_told_at_a_multiple_of_the_step_however_long_it_took(int tookMs, int toldMs)
    {
        var outcome = RunAsync(Verdict.BadPassword, tookMs);
        _time.Advance(TimeSpan.FromMilliseconds(tookMs));
        _time.Advance(TimeSpan.FromMilliseconds(toldMs - tookMs - 1));
        Assert.False(outcome.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.IsType<SignInOutcome.Refused>(await outcome);
    }

    [Fact]
    public async Task A_right_password_waits_for_no_step() =>
        Assert.IsType<SignInOutcome.SignedIn>(await RunAsync(Verdict.Success, 0));

    private Task<SignInOutcome> RunAsync(Verdict verdict, int tookMs)
    {
        var directory = new TenantDirectory();
        directory.Replace(SignInHost.SnapshotWith([]));
        var flow = new SignInFlow(
            directory,
            new SignInAudit(
                async (_, _, _, _, cancel) =>
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(tookMs), _time, cancel);
                    return SignInHost.Outcome(verdict);
                },
                AuditLog.Off,
                new RecentAttempts(_time),
                _time),
            new SignInOptions { RefusalStep = Step },
            _time,
            NullLogger<SignInFlow>.Instance);
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate("any", out var password));
        return flow.RunAsync("anna@corp.example", password, _ => ClientSource.Nowhere, CancellationToken.None);
    }
}
