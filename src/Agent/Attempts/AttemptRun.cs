using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Monitoring;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Wire.Sealing;

namespace Passthrough.Agent.Attempts;

/// <summary>One attempt on its way through the rooms: look up, permit, open, bind, settle. Blocks on nothing and ends by its
/// deadline; what each outcome leads to is <see cref="AttemptDecider"/>'s.</summary>
internal sealed class AttemptRun(
    AttemptSteps steps, OpenedAttempt opened, AttemptDetail detail, AttemptWatch watch, AttemptAudit audit, TimeProvider clock, SteadyClock steady,
    ILogger log)
{
    /// <summary>Kept back of the time for the way of the answer.</summary>
    private static readonly TimeSpan AnswerReserve = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an answer waits for a settlement that it need not wait for.</summary>
    private static readonly TimeSpan SettleCourtesy = TimeSpan.FromMilliseconds(250);

    private readonly AttemptId _id = new(opened.Header.AttemptId);
    private readonly long _began = clock.GetTimestamp();
    private AccountKey? _account;
    private WrongPassword? _wrong;

    /// <summary>From here on a domain controller may have seen the password.</summary>
    private volatile bool _mayHaveBound;

    private TimeSpan Left => opened.Expires - steady.Now;

    public async Task<AttemptOutcome> RunAsync()
    {
        AttemptEnding ending;
        using var span = Tracing.Begin("validate", _id.Value);
        var left = Left;
        try
        {
            using var deadline = new CancellationTokenSource(Positive(left - AnswerReserve), clock);
            ending = await ValidateAsync(deadline.Token).WaitAsync(Positive(left - (AnswerReserve / 2)), clock);
        }
        catch (Exception e)
        {
            // The rooms keep deadlines and do not throw; if one does, there is still an answer in time.
            log.Failed(e, _id, detail.Elapsed.TotalMilliseconds);
            ending = _mayHaveBound
                ? new AttemptEnding.Answered(Verdict.AgentDeadlineExceeded)
                : new AttemptEnding.HandedBack(Left <= AnswerReserve ? HandBackReason.Expired : HandBackReason.Busy);
        }

        log.Ended(_id, _account, ending, detail);
        var told = detail.Write();
        watch.Ended(_id, opened.Header.Forest, _account, ending, told);
        span?.SetTag("ending", ending.ToString());
        audit.Record(opened.Header, ending, told);
        return AttemptMeters.Ended(steps.FindForest(opened.Header.Forest)?.Forest, new AttemptOutcome(ending, told));
    }

    private async Task<AttemptEnding> ValidateAsync(CancellationToken deadline)
    {
        if (steps.FindForest(opened.Header.Forest) is not { } forest)
        {
            return new AttemptEnding.HandedBack(HandBackReason.ForestNotMine);
        }

        if (TypedName.TryParse(opened.Header.UserName) is not { } name)
        {
            return await RefuseAsync(forest, opened.Header.UserName, Verdict.InvalidUsernameFormat, deadline);
        }

        var route = AttemptRoute.Of(name, steps.FindRoute(name.Suffix), forest.Forest, forest.HasAlternateIds);
        detail.Routed(route.Rule);
        if (!route.GoesOn)
        {
            return await RefuseAsync(forest, CanonicalName.ForCounting(name, forest.Names()), Verdict.NoRouteForSuffix, deadline);
        }

        var ending = await TryAsync(forest, name, deadline);
        return AttemptDecider.MayTryAgain(ending, forest.IsReachable(), Left)
            ? AttemptDecider.OfTwo(ending, await TryAsync(forest, name, deadline))
            : ending;
    }

    private async Task<AttemptEnding> TryAsync(ForestSteps forest, TypedName name, CancellationToken deadline)
    {
        var lookup = await detail.TimeAsync(AttemptStep.Lookup, () => forest.FindAccountAsync(name, deadline));
        return lookup switch
        {
            LookupReply.Found found => await CheckAsync(forest, found, deadline),
            LookupReply.NotFound unknown => await RefuseAsync(forest, CanonicalName.ForCounting(name, forest.Names()), unknown.Why, deadline),
            LookupReply.NoVerdict none => AttemptDecider.AfterLookupWithoutVerdict(none.Why),
            _ => throw new InvalidOperationException($"unknown reply {lookup.GetType().Name}"),
        };
    }

    private async Task<AttemptEnding> CheckAsync(ForestSteps forest, LookupReply.Found found, CancellationToken deadline)
    {
        detail.Found(found);
        _account = new AccountKey(forest.Forest, found.Account.ObjectGuid);
        var ending = await PermittedAsync(
            _account, found.Account.PasswordSetAt, (password, granted, time) => BindAsync(forest, found.Account, password, granted, time), deadline);
        if (ending is AttemptEnding.Answered { Verdict: Verdict.BadPassword })
        {
            forest.Pace.Keep(_began);
        }

        return ending;
    }

    /// <summary>A name of nobody goes the way of all others, with a wait in place of the bind, so that it looks the same: the same
    /// budget and locks, the same time.</summary>
    private Task<AttemptEnding> RefuseAsync(ForestSteps forest, string canonicalName, Verdict why, CancellationToken deadline)
    {
        _account = AccountKey.ForUnknownName(forest.Forest, canonicalName);
        return PermittedAsync(_account, passwordSetAt: 0, WaitAsync, deadline);

        async Task<BindConclusion> WaitAsync(TypedPassword password, PermitAnswer.Granted granted, TimeSpan time)
        {
            await forest.Pace.WaitAsync(_began, time);
            _wrong = granted.Key is { } key ? new WrongPassword(key.Digest(password), 0) : null;
            return AttemptDecider.WithoutAccount(why);
        }
    }

    private async Task<AttemptEnding> PermittedAsync(
        AccountKey account, long passwordSetAt, Func<TypedPassword, PermitAnswer.Granted, TimeSpan, Task<BindConclusion>> tryAsync,
        CancellationToken deadline)
    {
        var request = new PermitRequest(account, new ClientSource(opened.Header.Network, opened.Header.Device), _id)
        {
            PasswordSetAt = passwordSetAt,
        };
        var answer = await detail.TimeAsync(AttemptStep.Permit, () => AskPermitAsync(request, deadline));
        var granted = answer as PermitAnswer.Granted;
        var bindTime = granted is null ? TimeSpan.Zero : AttemptDecider.BindTime(Left, granted.Left(clock));
        if (answer is PermitAnswer.Locked locked)
        {
            detail.Locked(locked.Notice);
        }

        var isLate = deadline.IsCancellationRequested || (granted is not null && bindTime <= TimeSpan.Zero);
        var ending = AttemptDecider.AfterPermit(answer.Outcome, isLate);
        if (granted is null)
        {
            return ending!;
        }

        var conclusion = ending is not null
            ? AttemptDecider.WithoutBind(ending)
            : await OpenAsync(password => tryAsync(password, granted, bindTime));
        return await SettleAsync(account, granted, conclusion, deadline);
    }

    /// <summary>If the account holds wrong passwords, only one that is none of them is asked a permit for.</summary>
    private async Task<PermitAnswer> AskPermitAsync(PermitRequest request, CancellationToken deadline)
    {
        var answer = await steps.AskPermitAsync(request, deadline);
        if (answer is not PermitAnswer.CompareFirst first)
        {
            return answer;
        }

        TryOpen(out var password);
        using (password)
        {
            if (password is not null && first.Key.Digest(password) is var digest && first.Wrong.Contains(digest))
            {
                await steps.RepeatAsync(request.Account, new WrongPassword(digest, request.PasswordSetAt), deadline);
                return first;
            }
        }

        return await steps.AskPermitAsync(request with { IsCompared = true }, deadline);
    }

    private bool TryOpen(out TypedPassword? password)
    {
        var began = clock.GetTimestamp();
        var isOpen = opened.TryOpenPassword(
            utf8 => (Fault: TypedPassword.TryCreate(utf8, out var typed), Password: typed), out var result);
        detail.Record(AttemptStep.Unseal, clock.GetElapsedTime(began));
        password = result.Password;
        return isOpen;
    }

    private async Task<BindConclusion> OpenAsync(Func<TypedPassword, Task<BindConclusion>> tryAsync)
    {
        if (!TryOpen(out var password))
        {
            return AttemptDecider.WithoutBind(new AttemptEnding.HandedBack(HandBackReason.CannotUnseal));
        }

        if (password is null)
        {
            // Empty, cut by a NUL, not Unicode: no gateway of ours seals that, and no directory may see it. It is wrong.
            return AttemptDecider.AfterBind(Verdict.BadPassword, mayHaveBeenSent: true);
        }

        using var typed = password;
        return await tryAsync(typed);
    }

    private async Task<BindConclusion> BindAsync(
        ForestSteps forest, DirectoryAccount account, TypedPassword password, PermitAnswer.Granted granted, TimeSpan time)
    {
        using var bindDeadline = new CancellationTokenSource(time, clock);
        var wasSent = _mayHaveBound;
        _mayHaveBound = true;
        var reply = await detail.TimeAsync(AttemptStep.Bind, () => forest.BindAsync(account, password, bindDeadline.Token));
        _mayHaveBound = wasSent || reply.MayHaveBeenSent;
        detail.Bound(reply, granted.Permit);
        _wrong = reply.Verdict == Verdict.BadPassword && granted.Key is { } key ? new WrongPassword(key.Digest(password), account.PasswordSetAt) : null;
        return AttemptDecider.AfterBind(reply.Verdict, reply.MayHaveBeenSent);
    }

    private async Task<AttemptEnding> SettleAsync(
        AccountKey account, PermitAnswer.Granted granted, BindConclusion conclusion, CancellationToken deadline)
    {
        var settling = SettleAsync(account, granted, conclusion.Settlement);
        var patience = conclusion.AwaitStored || Left < SettleCourtesy ? Timeout.InfiniteTimeSpan : SettleCourtesy;
        try
        {
            return await settling.WaitAsync(patience, clock, deadline) ? conclusion.Stored : conclusion.NotStored;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return conclusion.NotStored;
        }
    }

    /// <summary>Goes on after the answer if need be: until the permit ends, which settles it as a failure by itself.</summary>
    private async Task<bool> SettleAsync(AccountKey account, PermitAnswer.Granted granted, Settlement how)
    {
        using var permitEnds = new CancellationTokenSource(Positive(granted.Left(clock)), clock);
        var stored = await steps.SettleAsync(account, _id, granted.Permit, how, _wrong, permitEnds.Token);
        if (!stored)
        {
            log.NotSettled(_id, account.ToString());
        }

        return stored;
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
