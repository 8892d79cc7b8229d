using Google.Protobuf;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Reason = Passthrough.Wire.V1.NotAttempted.Types.Reason;

namespace Passthrough.Agent.Tests.Attempts;

public sealed class AttemptWorkerTests : IDisposable
{
    private readonly WorkerRig _rig = new();

    [Theory]
    [InlineData("right", Verdict.Success, "settle Succeeded")]
    [InlineData("wrong", Verdict.BadPassword, "settle Failed")]
    public async Task A_password_is_checked_under_a_permit_and_the_answer_is_bound_to_its_attempt(
        string password, Verdict verdict, string settled)
    {
        using var attempt = _rig.Seal(password);

        var reply = await _rig.RunAsync(attempt);

        Assert.Equal(verdict, reply.Verdict);
        Assert.Equal(["find anna@corp.example", "ask", "bind " + password, settled], _rig.Calls);
        Assert.Equal(("dc1", "dns-name corp.example", 7ul), (reply.Detail!.DomainController, reply.Detail.Route, reply.Detail.PermitNumber));
        Assert.Equal(_rig.Account.ToByteArray(), reply.Detail.Account.ToByteArray());
        Assert.True(reply.Detail.TotalUs >= reply.Detail.LookupUs + reply.Detail.PermitUs + reply.Detail.BindUs);
    }

    [Fact]
    public async Task A_wrong_password_is_told_only_after_its_charge_is_stored()
    {
        var stored = new TaskCompletionSource<bool>();
        _rig.OnSettle = (_, _) => stored.Task;
        using var attempt = _rig.Seal("wrong");

        var reply = _rig.RunAsync(attempt);
        await Await.ThatAsync(() => _rig.Calls.Contains("settle Failed"), "the settlement");
        Assert.False(reply.IsCompleted);
        stored.SetResult(true);

        Assert.Equal(Verdict.BadPassword, (await reply).Verdict);
    }

    [Fact]
    public async Task A_charge_that_cannot_be_stored_is_not_told_as_a_wrong_password()
    {
        var clock = new SteppedClock();
        using var rig = new WorkerRig(clock: clock);
        rig.OnSettle = (_, deadline) => NeverAsync<bool>(deadline);
        using var attempt = rig.Seal("wrong", timeToLiveMs: 600);

        var reply = rig.RunAsync(attempt);
        await Await.ThatAsync(() => rig.Calls.Contains("settle Failed"), "the settlement");
        await clock.PassAsync(TimeSpan.FromMilliseconds(500));

        Assert.Equal(Verdict.AgentDeadlineExceeded, (await reply).Verdict);
    }

    [Fact]
    public async Task A_right_password_is_told_although_its_refund_takes_long()
    {
        _rig.OnSettle = (_, deadline) => NeverAsync<bool>(deadline);
        using var attempt = _rig.Seal();

        Assert.Equal(Verdict.Success, (await _rig.RunAsync(attempt)).Verdict);
    }

    [Theory]
    [InlineData(Verdict.UserNotFoundInForest)]
    [InlineData(Verdict.AmbiguousRoute)]
    [InlineData(Verdict.NoRouteForSuffix)]
    public async Task A_name_that_leads_to_no_account_gets_no_bind(Verdict why)
    {
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NotFound(why));
        using var attempt = _rig.Seal();

        var reply = await _rig.RunAsync(attempt);

        Assert.Equal((why, 0ul), (reply.Verdict, reply.Detail!.PermitNumber));
        Assert.Equal(["find anna@corp.example", "ask", "settle Failed"], _rig.Calls);
        Assert.Equal(AccountKey.ForUnknownName("corp.example", "ANNA@CORP.EXAMPLE"), _rig.LastAsked);
    }

    [Theory]
    [InlineData("corp\\Anna"), InlineData(" anna@CORP "), InlineData("ANNA@corp.example.")]
    public async Task The_spellings_of_a_name_of_nobody_are_counted_as_one(string typed)
    {
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NotFound(Verdict.UserNotFoundInForest));
        using var attempt = _rig.Seal(user: typed);

        await _rig.RunAsync(attempt);

        Assert.Equal(AccountKey.ForUnknownName("corp.example", "ANNA@CORP.EXAMPLE"), _rig.LastAsked);
    }

    [Fact]
    public async Task Names_of_nobody_are_counted_by_what_is_known_of_the_forest_by_now()
    {
        _rig.Names = _rig.Names.With(new ForestNames(
            "corp.example", [new DomainNames("corp.example", "old"), new DomainNames("emea.corp.example", "emea")], [], []));
        using var old = _rig.Seal(user: @"OLD\anna");
        using var child = _rig.Seal(user: @"EMEA\anna");

        await _rig.RunAsync(old);
        Assert.Equal(AccountKey.ForUnknownName("corp.example", "ANNA@CORP.EXAMPLE"), _rig.LastAsked);
        await _rig.RunAsync(child);
        Assert.Equal(AccountKey.ForUnknownName("corp.example", "ANNA@EMEA.CORP.EXAMPLE"), _rig.LastAsked);
    }

    [Theory]
    [InlineData("anna@evilcorp.example", "no-match")]
    [InlineData("anna@fabrikam.test", "other-forest")]
    [InlineData(@"FABRIKAM\anna", "other-forest")]
    public async Task A_name_that_does_not_lead_to_the_attempts_forest_is_refused_like_one_of_nobody(string typed, string route)
    {
        using var attempt = _rig.Seal(user: typed);

        var reply = await _rig.RunAsync(attempt);

        Assert.Equal((Verdict.NoRouteForSuffix, route), (reply.Verdict, reply.Detail!.Route));
        Assert.Equal(["ask", "settle Failed"], _rig.Calls);
        Assert.False(_rig.LastAsked!.IsKnown);
    }

    [Theory]
    [InlineData("anna@altmail.example", "alternate-id")]
    [InlineData("anna", "bare-name")]
    public async Task A_name_that_no_forest_claims_is_searched_where_people_have_alternate_IDs(string typed, string route)
    {
        _rig.HasAlternateIds = true;
        using var attempt = _rig.Seal(user: typed);

        var reply = await _rig.RunAsync(attempt);

        Assert.Equal((Verdict.Success, route), (reply.Verdict, reply.Detail!.Route));
    }

    [Fact]
    public async Task A_suffix_routes_as_soon_as_a_snapshot_has_it()
    {
        using var before = _rig.Seal(user: "anna@new.example");
        Assert.Equal(Verdict.NoRouteForSuffix, (await _rig.RunAsync(before)).Verdict);

        _rig.Routes.Accept(new ForestSnapshot(
            new ForestNames("corp.example", [new DomainNames("corp.example", "corp")], ["new.example"], []), 1, DateTimeOffset.UnixEpoch, "dc1"));
        using var after = _rig.Seal(user: "anna@new.example");
        Assert.Equal(Verdict.Success, (await _rig.RunAsync(after)).Verdict);
    }

    [Theory, InlineData("anna\u0001@corp.example"), InlineData("@corp.example")]
    public async Task What_cannot_be_a_name_goes_the_same_way_but_is_not_searched(string typed)
    {
        using var attempt = _rig.Seal(user: typed);

        Assert.Equal(Verdict.InvalidUsernameFormat, (await _rig.RunAsync(attempt)).Verdict);
        Assert.Equal(["ask", "settle Failed"], _rig.Calls);
        Assert.False(_rig.LastAsked!.IsKnown);
    }

    [Fact]
    public async Task A_locked_name_of_nobody_is_told_as_a_locked_account()
    {
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NotFound(Verdict.UserNotFoundInForest));
        _rig.OnAsk = _ => Task.FromResult<PermitAnswer>(
            new PermitAnswer.Locked(new LockNotice(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), [])));
        using var attempt = _rig.Seal();

        Assert.Equal(Verdict.SmartLocked, (await _rig.RunAsync(attempt)).Verdict);
        Assert.Equal(["find anna@corp.example", "ask"], _rig.Calls);
    }

    [Fact]
    public async Task A_name_of_nobody_takes_as_long_as_a_wrong_password()
    {
        var clock = new SteppedClock();
        using var rig = new WorkerRig(clock: clock);
        var (bind, moment) = (TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(1));
        rig.OnBind = async deadline =>
        {
            await Task.Delay(bind, clock, deadline);
            return new BindReply(Verdict.BadPassword, "dc1", MayHaveBeenSent: true, bind);
        };
        using var known = rig.Seal("wrong");
        var reply = rig.RunAsync(known);
        await clock.PassAsync(bind);
        Assert.Equal(Verdict.BadPassword, (await reply).Verdict);
        rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NotFound(Verdict.UserNotFoundInForest));
        using var unknown = rig.Seal("wrong");

        // It waits when this returns: nothing before that takes time.
        reply = rig.RunAsync(unknown);
        clock.Advance(bind - moment);
        Assert.False(reply.IsCompleted);
        clock.Advance(moment);

        Assert.Equal(Verdict.UserNotFoundInForest, (await reply).Verdict);
    }

    [Fact]
    public async Task The_wait_of_a_name_of_nobody_ends_by_the_deadline()
    {
        var clock = new SteppedClock();
        using var rig = new WorkerRig(clock: clock);
        rig.Pace.Keep(clock.GetTimestamp() - (clock.TimestampFrequency * 60));
        rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NotFound(Verdict.UserNotFoundInForest));
        rig.OnAsk = _ => Task.FromResult<PermitAnswer>(new PermitAnswer.Granted(7, clock.GetTimestamp(), TimeSpan.FromSeconds(15)));
        using var unknown = rig.Seal("wrong", timeToLiveMs: 1_000);

        var reply = rig.RunAsync(unknown);
        await clock.PassAsync(TimeSpan.FromMilliseconds(750)); // A quarter is kept for the settlement and the answer.

        Assert.Equal(Verdict.UserNotFoundInForest, (await reply).Verdict);
    }

    [Fact]
    public async Task A_name_of_nobody_remembers_wrong_passwords_as_an_account_does()
    {
        var key = DigestKey.Of(new byte[DigestKey.Size]);
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NotFound(Verdict.UserNotFoundInForest));
        _rig.OnAsk = _ => Task.FromResult<PermitAnswer>(
            new PermitAnswer.Granted(7, TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(15), key));
        using var attempt = _rig.Seal("wrong");

        await _rig.RunAsync(attempt);

        Assert.NotNull(_rig.LastWrong);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_asked_leaves_the_attempt_to_a_peer()
    {
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NoVerdict(Verdict.NoDomainController));
        using var attempt = _rig.Seal();

        Assert.Equal(Reason.ForestUnreachable, (await _rig.RunAsync(attempt)).HandedBack);
    }

    [Fact]
    public async Task A_bind_that_was_not_sent_is_refunded_and_left_to_a_peer()
    {
        _rig.OnBind = _ => Task.FromResult(new BindReply(Verdict.NoDomainController, "dc1", MayHaveBeenSent: false, TimeSpan.Zero));
        using var attempt = _rig.Seal();

        Assert.Equal(Reason.ForestUnreachable, (await _rig.RunAsync(attempt)).HandedBack);
        Assert.Contains("settle Refunded", _rig.Calls);
    }

    [Fact]
    public async Task A_bind_that_may_have_been_sent_is_not_repeated_and_keeps_its_charge()
    {
        _rig.OnBind = _ =>
        {
            _rig.IsReachable = false;
            return Task.FromResult(new BindReply(Verdict.DirectoryTimeoutAfterSend, "dc1", MayHaveBeenSent: true, TimeSpan.Zero));
        };
        using var attempt = _rig.Seal();

        var reply = await _rig.RunAsync(attempt);

        Assert.Equal(Verdict.DirectoryTimeoutAfterSend, reply.Verdict);
        Assert.Equal(7ul, reply.Detail!.PermitNumber);
        Assert.Equal(["find anna@corp.example", "ask", "bind right", "settle Failed"], _rig.Calls);
    }

    [Theory]
    [InlineData(Verdict.Success, Verdict.Success, "settle Succeeded")]
    [InlineData(Verdict.BadPassword, Verdict.BadPassword, "settle Failed")]
    [InlineData(Verdict.DirectoryTimeoutAfterSend, Verdict.DirectoryTimeoutAfterSend, "settle Failed")]
    public async Task A_bind_that_a_controller_swallowed_is_made_once_more_elsewhere_under_a_permit_of_its_own(
        Verdict second, Verdict told, string settled)
    {
        var verdicts = new Queue<Verdict>([Verdict.DirectoryTimeoutAfterSend, second]);
        _rig.OnBind = _ => Task.FromResult(new BindReply(verdicts.Dequeue(), "dc", MayHaveBeenSent: true, TimeSpan.Zero));
        using var attempt = _rig.Seal();

        Assert.Equal(told, (await _rig.RunAsync(attempt)).Verdict);
        Assert.Equal(
            ["find anna@corp.example", "ask", "bind right", "settle Failed", "find anna@corp.example", "ask", "bind right", settled], _rig.Calls);
    }

    [Fact]
    public async Task An_attempt_that_was_sent_once_is_not_handed_back_when_the_second_try_gets_no_permit()
    {
        var permits = new Queue<PermitAnswer>([new PermitAnswer.Granted(7, TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(15)), new PermitAnswer.Unavailable()]);
        _rig.OnAsk = _ => Task.FromResult(permits.Dequeue());
        _rig.OnBind = _ => Task.FromResult(new BindReply(Verdict.DirectoryTimeoutAfterSend, "dc1", MayHaveBeenSent: true, TimeSpan.Zero));
        using var attempt = _rig.Seal();

        Assert.Equal(Verdict.DirectoryTimeoutAfterSend, (await _rig.RunAsync(attempt)).Verdict);
    }

    [Fact]
    public async Task A_locked_account_gets_no_bind_and_those_who_may_know_hear_for_how_long()
    {
        _rig.OnAsk = _ => Task.FromResult<PermitAnswer>(new PermitAnswer.Locked(new LockNotice(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60), [1, 2])));
        using var attempt = _rig.Seal();

        var reply = await _rig.RunAsync(attempt);

        Assert.Equal(Verdict.SmartLocked, reply.Verdict);
        Assert.Equal((30_000u, 60_000u), (reply.Detail!.Lock.FamiliarMs, reply.Detail.Lock.UnfamiliarMs));
        Assert.Equal([1ul, 2ul], reply.Detail.Lock.FamiliarSources);
        Assert.DoesNotContain("bind right", _rig.Calls);
    }

    [Theory]
    [InlineData("wrong", Verdict.BadPasswordRepeated, new[] { "find anna@corp.example", "ask", "repeat" })]
    [InlineData("right", Verdict.Success, new[] { "find anna@corp.example", "ask", "ask again", "bind right", "settle Succeeded" })]
    public async Task A_password_is_compared_with_the_wrong_ones_before_a_permit_is_asked_for(
        string password, Verdict verdict, string[] calls)
    {
        var key = DigestKey.Of(new byte[DigestKey.Size]);
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate("wrong", out var wrong));
        using (wrong)
        {
            var digest = key.Digest(wrong!);
            var answers = new Queue<PermitAnswer>([
                new PermitAnswer.CompareFirst(key, [digest]),
                new PermitAnswer.Granted(7, TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(15), key)]);
            _rig.OnAsk = _ => Task.FromResult(answers.Dequeue());
            using var attempt = _rig.Seal(password);

            Assert.Equal(verdict, (await _rig.RunAsync(attempt)).Verdict);
            Assert.Equal(calls, _rig.Calls);
            Assert.Equal(password == "wrong" ? digest : null, _rig.LastWrong?.Digest);
        }
    }

    [Theory]
    [InlineData(Verdict.BadPassword, true)]
    [InlineData(Verdict.DirectoryTimeoutAfterSend, false)]
    [InlineData(Verdict.PasswordExpired, false)]
    public async Task Only_a_password_that_was_found_wrong_is_told_as_wrong(Verdict verdict, bool isTold)
    {
        var key = DigestKey.Of(new byte[DigestKey.Size]);
        _rig.OnAsk = _ => Task.FromResult<PermitAnswer>(new PermitAnswer.Granted(7, TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(15), key));
        _rig.OnBind = _ => Task.FromResult(new BindReply(verdict, "dc1", true, TimeSpan.Zero));
        using var attempt = _rig.Seal();

        await _rig.RunAsync(attempt);

        Assert.Equal(isTold, _rig.LastWrong is not null);
    }

    [Fact]
    public async Task Without_a_permit_there_is_no_bind()
    {
        _rig.OnAsk = _ => Task.FromResult<PermitAnswer>(new PermitAnswer.Unavailable());
        using var attempt = _rig.Seal();

        Assert.Equal(Reason.Busy, (await _rig.RunAsync(attempt)).HandedBack);
        Assert.DoesNotContain("bind right", _rig.Calls);
    }

    [Fact]
    public async Task A_permit_that_has_ended_is_given_back_without_a_bind()
    {
        _rig.OnAsk = _ => Task.FromResult<PermitAnswer>(new PermitAnswer.Granted(7, TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(-1)));
        using var attempt = _rig.Seal();

        Assert.Equal(Reason.Expired, (await _rig.RunAsync(attempt)).HandedBack);
        Assert.Equal(["find anna@corp.example", "ask", "settle Refunded"], _rig.Calls);
    }

    [Fact]
    public async Task An_attempt_that_came_too_late_is_handed_back()
    {
        using var attempt = _rig.Seal(timeToLiveMs: 1);
        var message = _rig.MessageOf(attempt);
        var sealedAt = TimeProvider.System.GetTimestamp();
        await Await.ThatAsync(() => TimeProvider.System.GetElapsedTime(sealedAt).TotalMilliseconds > 5, "the end of its time");
        message.RemainingMs = 0;

        var reply = await _rig.RunAsync(message);

        Assert.Equal(Reason.Expired, reply!.NotAttempted.Reason);
        Assert.Empty(_rig.Calls);
    }

    [Fact]
    public async Task Every_room_that_hangs_still_leads_to_one_answer_in_time()
    {
        var clock = new SteppedClock();
        using var rig = new WorkerRig(clock: clock);

        // Even one that does not look at its token.
        rig.OnFind = _ => new TaskCompletionSource<LookupReply>().Task;
        using var looking = rig.Seal(timeToLiveMs: 500);
        var reply = rig.RunAsync(looking);
        await clock.PassAsync(TimeSpan.FromMilliseconds(450));
        Assert.Equal(Reason.Expired, (await reply).HandedBack);

        rig.OnFind = null;
        rig.OnBind = _ => new TaskCompletionSource<BindReply>().Task;
        using var binding = rig.Seal(timeToLiveMs: 600);
        reply = rig.RunAsync(binding);
        await Await.ThatAsync(() => rig.Calls.Contains("bind right"), "the bind");
        await clock.PassAsync(TimeSpan.FromMilliseconds(550));
        Assert.Equal(Verdict.AgentDeadlineExceeded, (await reply).Verdict);
    }

    [Fact]
    public async Task A_room_that_fails_still_leads_to_one_answer()
    {
        _rig.OnFind = _ => throw new InvalidOperationException("planted");
        using var attempt = _rig.Seal();

        Assert.Equal(Reason.Busy, (await _rig.RunAsync(attempt)).HandedBack);
        Assert.True(_rig.Log.Has("Error 2404"));
    }

    [Theory]
    [InlineData("fabrikam.test", "acme")]
    [InlineData("corp.example", "other")]
    public async Task An_attempt_for_another_forest_or_tenant_is_not_run(string forest, string tenant)
    {
        using var counted = new Counted("passthrough.agent.not_unsealed");
        using var attempt = _rig.Seal(forest: forest, tenant: "acme");
        var message = _rig.MessageOf(attempt);
        if (tenant != "acme")
        {
            // No gateway's sender seals for another tenant: the header is changed on its way.
            using var foreign = _rig.Seal(tenant: tenant);
            message.Header = ByteString.CopyFrom(foreign.Header.Encode());
        }

        var reply = await _rig.RunAsync(message);

        Assert.Equal(tenant == "acme" ? Reason.ForestNotMine : Reason.CannotUnseal, reply!.NotAttempted.Reason);
        Assert.Empty(_rig.Calls);
        Assert.True(tenant == "acme" || counted.All >= 1);
    }

    [Fact]
    public async Task A_password_that_was_changed_on_its_way_reaches_no_directory()
    {
        using var attempt = _rig.Seal();
        var message = _rig.MessageOf(attempt);
        var bytes = message.SealedPassword.ToByteArray();
        bytes[17] ^= 1;
        message.SealedPassword = ByteString.CopyFrom(bytes);

        var reply = await _rig.RunAsync(message);

        Assert.Equal(Reason.CannotUnseal, reply!.NotAttempted.Reason);
        Assert.Equal(["find anna@corp.example", "ask", "settle Refunded"], _rig.Calls);
    }

    [Fact]
    public async Task A_password_that_no_directory_may_see_is_wrong_and_counted()
    {
        using var attempt = _rig.Seal("right\0and more");

        Assert.Equal(Verdict.BadPassword, (await _rig.RunAsync(attempt)).Verdict);
        Assert.Equal(["find anna@corp.example", "ask", "settle Failed"], _rig.Calls);
    }

    [Fact]
    public async Task An_attempt_that_was_answered_gets_the_same_answer_again_and_no_second_bind()
    {
        var id = Guid.CreateVersion7();
        using var first = _rig.Seal("wrong", id: id, number: 1);
        using var second = _rig.Seal("wrong", id: id, number: 2);

        var replies = (First: await _rig.RunAsync(first), Second: await _rig.RunAsync(second));

        Assert.Equal(Verdict.BadPassword, replies.First.Verdict);
        Assert.Equal(replies.First, replies.Second);
        Assert.Single(_rig.Calls, call => call.StartsWith("bind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_attempt_that_comes_again_while_it_is_checked_waits_for_that_check()
    {
        var id = Guid.CreateVersion7();
        var bound = new TaskCompletionSource<BindReply>();
        _rig.OnBind = _ => bound.Task;
        using var first = _rig.Seal(id: id, number: 1);
        using var second = _rig.Seal(id: id, number: 2);

        var replies = new[] { _rig.RunAsync(first), _rig.RunAsync(second) };
        await Await.ThatAsync(() => _rig.Calls.Contains("bind right"), "the bind");
        bound.SetResult(new BindReply(Verdict.Success, "dc1", true, TimeSpan.Zero));

        Assert.All(await Task.WhenAll(replies), reply => Assert.Equal(Verdict.Success, reply.Verdict));
        Assert.Single(_rig.Calls, call => call.StartsWith("bind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_attempt_that_was_handed_back_is_tried_when_it_comes_again()
    {
        var id = Guid.CreateVersion7();
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NoVerdict(Verdict.NoDomainController));
        using var first = _rig.Seal(id: id, number: 1);
        await _rig.RunAsync(first);

        _rig.OnFind = null;
        using var second = _rig.Seal(id: id, number: 2);

        Assert.Equal(Verdict.Success, (await _rig.RunAsync(second)).Verdict);
    }

    [Fact]
    public async Task A_replay_of_the_same_message_does_nothing()
    {
        using var attempt = _rig.Seal();
        var message = _rig.MessageOf(attempt);
        await _rig.RunAsync(message);

        Assert.Null(await _rig.RunAsync(message));
        Assert.Equal(4, _rig.Calls.Count);
    }

    [Fact]
    public async Task No_password_is_ever_logged()
    {
        const string Canary = "canary-7f3a";
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            _rig.OnBind = _ => Task.FromResult(new BindReply(verdict, "dc1", true, TimeSpan.Zero));
            using var attempt = _rig.Seal(Canary);
            await _rig.RunAsync(attempt);
        }

        Assert.NotEmpty(_rig.Log.Lines);
        Assert.DoesNotContain(_rig.Log.Lines, line => line.Contains(Canary, StringComparison.Ordinal));
    }

    public void Dispose() => _rig.Dispose();

    private static async Task<T> NeverAsync<T>(CancellationToken deadline)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return default!;
    }
}
