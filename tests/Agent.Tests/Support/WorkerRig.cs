using Passthrough.Agent.Attempts;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Audit;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Support;

/// <summary>A worker with real sealing on both sides, and rooms whose answers a test scripts. Keeps what the rooms were
/// asked, in order.</summary>
internal sealed class WorkerRig : IDisposable
{
    private static readonly AgentIdentity Name = new("acme", "a1");

    private readonly SealingKeyring _keyring = new(Name);
    private readonly SealingSessionSender _session;
    private readonly AttemptWorker _worker;
    private readonly TimeProvider _clock;
    private readonly SteadyClock _steady;

    /// <param name="audit">None: nothing is recorded.</param>
    /// <param name="clock">None: the system's.</param>
    public WorkerRig(AuditLog? audit = null, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        Watch = new AttemptWatch(new AttemptHistory(new AgentOptions(), _clock), _clock);
        Pace = new RefusalPace(_clock);
        _steady = new SteadyClock(_clock);
        using var certificateKey = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var offer = _keyring.Offer(certificateKey, _steady.Now);
        Assert.Equal(OfferFault.None, SealingSessionSender.TryOpen(offer, Name, certificateKey, _clock.GetUtcNow(), out var session));
        _session = session!;
        Assert.Equal(SessionFault.None, _keyring.Accept(_session.Announcement, _steady.Now));
        var steps = new AttemptSteps(
            name => name == "corp.example" ? new ForestSteps(name, () => Names, HasAlternateIds, Pace, () => IsReachable, FindAsync, BindAsync) : null,
            suffix => Routes.Table.Find(suffix),
            AskAsync, SettleAsync, RepeatAsync, HandOverAsync);
        var attempts = new AttemptAudit(audit ?? AuditLog.Off, new EnrolmentRecord(Name.AgentId, "agent-1", Name.Tenant, ["corp.example"], []), _clock);
        _worker = new AttemptWorker(_keyring, steps, Watch, attempts, _clock, _steady, Log);
        Finder = new NameFinder(steps, _clock, FinderLog);
    }

    public AttemptWatch Watch { get; }

    public Guid Account { get; } = Guid.NewGuid();

    public ForestRoutes Routes { get; } = new(
        [new ForestOptions { Name = "corp.example", NetBiosName = "CORP" }, new ForestOptions { Name = "fabrikam.test", NetBiosName = "FABRIKAM" }]);

    /// <summary>What is known of the forest's names; it may change under way.</summary>
    public AcceptedNames Names { get; set; } = AcceptedNames.Configured("corp.example", "CORP", []);

    /// <summary>Set before the first attempt.</summary>
    public bool HasAlternateIds { get; set; }

    public RefusalPace Pace { get; }

    /// <summary>A domain controller is there; when one has failed, another.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>What a peer does with an attempt that it is handed.</summary>
    public Func<Attempt, Task<PeerReply>>? OnHandOver { get; set; }

    public Func<CancellationToken, Task<LookupReply>>? OnFind { get; set; }

    public Func<CancellationToken, Task<PermitAnswer>>? OnAsk { get; set; }

    public Func<CancellationToken, Task<BindReply>>? OnBind { get; set; }

    public Func<Settlement, CancellationToken, Task<bool>>? OnSettle { get; set; }

    /// <summary>What the rooms were asked: find, ask, bind PASSWORD, settle HOW.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Calls { get; } = new();

    public WrongPassword? LastWrong { get; private set; }

    public AccountKey? LastAsked { get; private set; }

    public CapturedLog<AttemptWorker> Log { get; } = new();

    public NameFinder Finder { get; }

    public CapturedLog<NameFinder> FinderLog { get; } = new();

    /// <summary>A sealed attempt as a gateway makes it.</summary>
    public SealedAttempt Seal(
        string password = "right", string user = "anna@corp.example", string forest = "corp.example", Guid? id = null,
        ushort number = 1, string tenant = "acme", uint timeToLiveMs = 8_000)
    {
        var header = new AttemptHeader(
            tenant, forest, id ?? Guid.CreateVersion7(), user, _clock.GetUtcNow().ToUnixTimeMilliseconds(), timeToLiveMs, number, Guid.NewGuid());
        return SealedAttempt.Seal(header, System.Text.Encoding.UTF8.GetBytes(password));
    }

    public Attempt MessageOf(SealedAttempt attempt) => attempt.For(
        [_session], _clock.GetUtcNow(), TimeSpan.FromMilliseconds(attempt.Header.TimeToLiveMs))!;

    public Task<FromAgent?> RunAsync(Attempt attempt, bool isHandedOver = false) =>
        _worker.RunAsync(new IncomingAttempt(attempt, _clock.GetTimestamp(), _ => { }) { IsHandedOver = isHandedOver });

    /// <summary>Runs it, and verifies that the answer is bound to it.</summary>
    public async Task<(Verdict? Verdict, NotAttempted.Types.Reason? HandedBack, AnswerDetail? Detail)> RunAsync(SealedAttempt attempt)
    {
        var reply = (await RunAsync(MessageOf(attempt)).InTime())!;
        if (reply.BodyCase == FromAgent.BodyOneofCase.NotAttempted)
        {
            Assert.Equal(attempt.Header.AttemptId, new Guid(reply.NotAttempted.AttemptId.Span, bigEndian: true));
            Assert.Equal(attempt.Header.AttemptNumber, reply.NotAttempted.AttemptNumber);
            return (null, reply.NotAttempted.Reason, null);
        }

        Assert.Equal(AnswerFault.None, attempt.Verify(reply.Answer, Name.AgentId, out var detail));
        return ((Verdict)reply.Answer.Verdict, null, detail);
    }

    public void Dispose()
    {
        _session.Dispose();
        _keyring.Dispose();
    }

    private Task<LookupReply> FindAsync(TypedName name, CancellationToken deadline)
    {
        Calls.Enqueue("find " + name);
        return OnFind?.Invoke(deadline)
            ?? Task.FromResult<LookupReply>(new LookupReply.Found(new DirectoryAccount(Account, "CN=Anna", "dc1", 0), "dns-name"));
    }

    private Task<PermitAnswer> AskAsync(PermitRequest request, CancellationToken deadline)
    {
        Calls.Enqueue(request.IsCompared ? "ask again" : "ask");
        Assert.Equal(LastAsked = request.Account, request.Account.IsKnown ? new AccountKey("corp.example", Account) : request.Account);
        return OnAsk?.Invoke(deadline)
            ?? Task.FromResult<PermitAnswer>(new PermitAnswer.Granted(7, _clock.GetTimestamp(), TimeSpan.FromSeconds(15)));
    }

    private Task<BindReply> BindAsync(DirectoryAccount account, TypedPassword password, CancellationToken deadline)
    {
        var text = password.Reveal(0, (_, utf8) => System.Text.Encoding.UTF8.GetString(utf8));
        Calls.Enqueue("bind " + text);
        return OnBind?.Invoke(deadline)
            ?? Task.FromResult(new BindReply(text == "right" ? Verdict.Success : Verdict.BadPassword, "dc1", true, TimeSpan.FromMilliseconds(3)));
    }

    private Task<bool> SettleAsync(AccountKey account, AttemptId attempt, ulong permit, Settlement how, WrongPassword? wrong, CancellationToken deadline)
    {
        Calls.Enqueue("settle " + how);
        Assert.Equal(7ul, permit);
        LastWrong = wrong;
        return OnSettle?.Invoke(how, deadline) ?? Task.FromResult(true);
    }

    private Task<PeerReply> HandOverAsync(AttemptHeader header, Attempt attempt, TimeSpan left)
    {
        Calls.Enqueue("hand over");
        Assert.InRange(left, TimeSpan.FromMilliseconds(-100), TimeSpan.FromMilliseconds(header.TimeToLiveMs));
        return OnHandOver?.Invoke(attempt) ?? Task.FromResult<PeerReply>(default);
    }

    private Task RepeatAsync(AccountKey account, WrongPassword wrong, CancellationToken deadline)
    {
        Calls.Enqueue("repeat");
        LastWrong = wrong;
        return Task.CompletedTask;
    }
}
