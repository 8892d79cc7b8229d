using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Enrolment;

public sealed class EnrollCommandTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly ScratchDirectory _scratch = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private string State => _scratch.File("state");

    [Fact]
    public async Task An_agent_enrols_once_and_its_key_is_readable_by_its_user_only()
    {
        await using var gateway = await StartAsync();
        EnrolRequest? seen = null;
        var answer = gateway.OnEnrol;
        gateway.OnEnrol = request => answer(seen = request);
        var token = Token();

        var (code, output, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", token.Reveal(), "--name", "dc-site-1");

        Assert.Equal(("", 0), (errors, code));
        Assert.Contains("Enrolled as agent a1 (dc-site-1) of tenant acme for corp.example", output, StringComparison.Ordinal);
        Assert.Equal(token.Reveal(), seen!.JoinToken);
        var store = new IdentityStore(State, _clock);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(store.IdentityFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
        Assert.Equal(new AgentIdentity("acme", "a1"), store.Load().Name);
        Assert.Equal([new Uri("https://gw.example:8445")], store.LoadRecord().StreamAddresses);
        Assert.Equal(
            ["enrolment.json", "identity.pem"],
            Directory.GetFiles(State).Select(Path.GetFileName).Where(name => !name!.StartsWith("audit", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task For_programs_it_says_as_whom()
    {
        await using var gateway = await StartAsync();
        var (code, output, _) = await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal(), "--name", "dc-site-1", "--json");
        Assert.Equal(0, code);
        Assert.Equal("""{"agentId":"a1","name":"dc-site-1","tenant":"acme","forests":["corp.example"]}""", output.Trim());
    }

    [Fact]
    public async Task An_enrolment_is_recorded_and_so_is_one_that_was_refused_without_the_token()
    {
        await using var gateway = await StartAsync();
        var (token, second) = (Token().Reveal(), Token().Reveal());
        await EnrollAsync("--gateway", Address(gateway), "--token", token, "--name", "dc-site-1");
        await EnrollAsync("--gateway", Address(gateway), "--token", second, "--name", "dc-site-2");

        var (code, output, _) = await RunAsync(new() { ["PASSTHROUGH_AGENT__StateDirectory"] = State }, "audit", "search");
        Assert.Equal(0, code);
        var lines = output.Trim().Split('\n');
        Assert.EndsWith($"by={Environment.UserName}  what=enroll --gateway {Address(gateway)}/ --name dc-site-1  result=done", lines[0], StringComparison.Ordinal);
        Assert.Contains("--name dc-site-2  result=PTA-", lines[1], StringComparison.Ordinal);
        Assert.All((string[])[token, second], secret => Assert.DoesNotContain(secret.Split('.')[^1], output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_inputs_can_come_from_the_environment()
    {
        await using var gateway = await StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["PASSTHROUGH_AGENT_GATEWAY"] = Address(gateway),
            ["PASSTHROUGH_AGENT_TOKEN"] = Token().Reveal(),
            ["PASSTHROUGH_AGENT_NAME"] = "from-environment",
            ["PASSTHROUGH_AGENT__StateDirectory"] = State,
        };

        var (code, output, _) = await RunAsync(environment, "enroll");

        Assert.Equal(0, code);
        Assert.Contains("from-environment", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_enrolment_is_refused_and_says_who_the_machine_is()
    {
        await using var gateway = await StartAsync();
        await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal(), "--name", "first");
        gateway.OnEnrol = _ => throw new InvalidOperationException("no second token may be used up");

        var (code, _, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal());

        AssertFault(FaultKind.AlreadyEnrolled, "a1 (first) of tenant acme", code, errors);
    }

    [Fact]
    public async Task Who_let_its_certificate_end_may_enrol_again()
    {
        await using var gateway = await StartAsync();
        await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal());
        _clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));

        AssertFault(FaultKind.CertificateExpired, "enrol again", () => new IdentityStore(State, _clock).Load());
        Assert.False(new IdentityStore(State, _clock).IsEnrolled());
    }

    [Theory]
    [InlineData(EnrolmentFault.TokenUnknown, FaultKind.TokenUnknown)]
    [InlineData(EnrolmentFault.TokenExpired, FaultKind.TokenExpired)]
    [InlineData(EnrolmentFault.TokenUsed, FaultKind.TokenUsed)]
    [InlineData(EnrolmentFault.ClockWrong, FaultKind.ClockWrong)]
    [InlineData(EnrolmentFault.NameRefused, FaultKind.EnrolmentRefused)]
    [InlineData(EnrolmentFault.RequestRefused, FaultKind.EnrolmentRefused)]
    public async Task A_refusal_of_the_gateway_is_told_in_one_line(string word, object kind)
    {
        await using var gateway = await StartAsync();
        gateway.OnEnrol = _ => throw new RpcException(
            new Status(StatusCode.FailedPrecondition, "the gateway's words"), new Metadata { { EnrolmentFault.Trailer, word } });

        var (code, _, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal());

        AssertFault((FaultKind)kind, "", code, errors);
        Assert.False(new IdentityStore(State, _clock).IsEnrolled());
    }

    [Fact]
    public async Task A_gateway_with_another_CA_gets_no_token()
    {
        await using var gateway = await StartAsync();
        gateway.OnEnrol = _ => throw new InvalidOperationException("the token was sent to a stranger");
        using var other = new TestAuthority();
        var token = JoinToken.Create(other.Certificate.RawData);

        var (code, _, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", token.Reveal());

        AssertFault(FaultKind.WrongAuthority, "another fingerprint", code, errors);
    }

    [Fact]
    public async Task A_stranger_who_shows_the_right_CA_but_has_no_certificate_of_it_gets_no_token()
    {
        using var strangers = new TestAuthority();
        await using var gateway = await ScriptedGateway.StartAsync(_authority, strangers.ForServer());
        gateway.OnEnrol = _ => throw new InvalidOperationException("the token was sent to a stranger");

        var (code, _, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal());

        AssertFault(FaultKind.WrongAuthority, "not from the gateway's own CA", code, errors);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority, _authority.ForServer("elsewhere.example"));

        var (code, _, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal());

        AssertFault(FaultKind.WrongAuthority, "is not for the name localhost", code, errors);
    }

    [Theory, InlineData(-4), InlineData(+4)]
    public async Task A_clock_that_is_hours_off_is_told_before_the_token_is_sent(int hours)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var gateway = await ScriptedGateway.StartAsync(_authority, _authority.ForServer(notAfter: now.AddHours(3)));
        gateway.OnEnrol = _ => throw new InvalidOperationException("the token was sent");
        _clock.AdjustTime(now.AddHours(hours));

        var (code, _, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal());

        AssertFault(FaultKind.ClockWrong, "set the clock", code, errors);
    }

    [Fact]
    public async Task A_port_on_which_nobody_listens_is_told_as_unreachable()
    {
        using var closed = Ports.Closed(out var port);

        var (code, _, errors) = await EnrollAsync("--gateway", $"https://127.0.0.1:{port}", "--token", Token().Reveal());

        AssertFault(FaultKind.GatewayUnreachable, "refused", code, errors);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_told_as_unreachable()
    {
        var (code, _, errors) = await EnrollAsync("--gateway", "https://no-such-host.invalid:8444", "--token", Token().Reveal());

        AssertFault(FaultKind.GatewayUnreachable, "no-such-host.invalid", code, errors);
    }

    [Fact]
    public async Task A_certificate_for_a_key_that_is_not_ours_is_not_stored()
    {
        await using var gateway = await StartAsync();
        gateway.OnEnrol = _ =>
        {
            using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            return Reply(Google.Protobuf.ByteString.CopyFrom(CertificateOrder.Write("x", other)));
        };

        var (code, _, errors) = await EnrollAsync("--gateway", Address(gateway), "--token", Token().Reveal());

        AssertFault(FaultKind.GatewayNotUnderstood, "not for this agent's key", code, errors);
        Assert.False(new IdentityStore(State, _clock).IsEnrolled());
    }

    [Theory]
    [InlineData("ptj1.short.token", "https://127.0.0.1:1", FaultKind.TokenMalformed)]
    [InlineData(null, "https://127.0.0.1:1", FaultKind.InputMissing)]
    [InlineData("ptj1.short.token", null, FaultKind.InputMissing)]
    [InlineData("ptj1.short.token", "http://127.0.0.1:1", FaultKind.InputMissing)]
    [InlineData("ptj1.short.token", "gw.example", FaultKind.InputMissing)]
    public async Task Inputs_that_cannot_be_right_are_refused_before_anything_is_dialled(string? token, string? gateway, object kind)
    {
        string[] args = [.. token is null ? [] : (string[])["--token", token], .. gateway is null ? [] : (string[])["--gateway", gateway]];

        var (code, _, errors) = await EnrollAsync(args);

        AssertFault((FaultKind)kind, "", code, errors);
    }

    [Theory, InlineData("has space"), InlineData("-ähm"), InlineData("")]
    public async Task A_name_that_cannot_be_one_is_refused(string name)
    {
        var (code, _, errors) = await EnrollAsync("--gateway", "https://127.0.0.1:1", "--token", Token().Reveal(), "--name", name);

        AssertFault(FaultKind.EnrolmentRefused, "--name", code, errors);
    }

    [Fact]
    public async Task Help_names_both_commands()
    {
        var (code, output, _) = await RunAsync([], "--help");

        Assert.Equal(0, code);
        Assert.Contains("enroll", output, StringComparison.Ordinal);
        Assert.Contains("run", output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _scratch.Dispose();
    }

    private async Task<ScriptedGateway> StartAsync()
    {
        var gateway = await ScriptedGateway.StartAsync(_authority);
        gateway.OnEnrol = request => Reply(request.CertificateRequest);
        return gateway;
    }

    private EnrolReply Reply(Google.Protobuf.ByteString request)
    {
        var reply = new EnrolReply { AgentId = "a1", Tenant = "acme" };
        reply.Forests.Add("corp.example");
        reply.StreamAddresses.Add("https://gw.example:8445");
        reply.Certificates.AddRange(_authority.ForAgent(request));
        return reply;
    }

    private JoinToken Token() => JoinToken.Create(_authority.Certificate.RawData);

    private static string Address(ScriptedGateway gateway) => $"https://localhost:{gateway.EnrolmentAddress.Port}";

    private Task<(int Code, string Output, string Errors)> EnrollAsync(params string[] args) =>
        RunAsync(new() { ["PASSTHROUGH_AGENT__StateDirectory"] = State }, ["enroll", .. args]);

    private async Task<(int Code, string Output, string Errors)> RunAsync(Dictionary<string, string> environment, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await new AgentCommand(environment, _clock, output, errors).RunAsync(args);
        return (code, output.ToString(), errors.ToString());
    }

    private static void AssertFault(FaultKind kind, string words, int code, string errors)
    {
        Assert.Equal((int)kind, code);
        var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"passthrough-agent: PTA-{(int)kind:000} ", line, StringComparison.Ordinal);
        Assert.Contains(words, line, StringComparison.OrdinalIgnoreCase);
    }

    private static void AssertFault(FaultKind kind, string words, Action act)
    {
        var fault = Assert.Single(Assert.Throws<StartFaultException>(act).Faults);
        Assert.Equal(kind, fault.Kind);
        Assert.Contains(words, fault.Message, StringComparison.OrdinalIgnoreCase);
    }
}
