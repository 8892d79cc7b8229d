using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;

namespace Passthrough.Agent.Tests.Hosting;

/// <summary>The ways in which an agent refuses to start: one line each, with its id and exit code.</summary>
public sealed class RunCommandTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly ScratchDirectory _scratch = new();
    private readonly IdentityStore _store;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public RunCommandTests() => _store = new IdentityStore(_scratch.Path, TimeProvider.System);

    [Fact]
    public async Task An_agent_that_is_not_enrolled_says_how_to() =>
        await AssertFaultAsync(FaultKind.NotEnrolled, "run passthrough-agent enroll");

    [Fact]
    public async Task A_key_that_others_can_read_stops_the_start()
    {
        Enrol();
        File.SetUnixFileMode(_store.IdentityFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        await AssertFaultAsync(FaultKind.KeyFileExposed, "chmod 600");
    }

    [Fact]
    public async Task A_certificate_that_ended_while_the_agent_was_stopped_says_to_enrol_again()
    {
        Enrol(ended: true);

        await AssertFaultAsync(FaultKind.CertificateExpired, "enrol again with a new token");
    }

    [Fact]
    public async Task A_second_agent_on_one_state_directory_does_not_start()
    {
        Enrol();
        using var first = StateLock.Take(_scratch.Path);

        await AssertFaultAsync(FaultKind.AlreadyRunning, "another agent runs");
    }

    [Fact]
    public async Task An_operators_socket_that_answers_is_not_taken_away_from_its_owner()
    {
        Enrol();
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_scratch.File("operator.sock")));
        other.Listen();

        await AssertFaultAsync(FaultKind.PortTaken, "operator.sock is in use");
    }

    [Fact]
    public async Task A_forest_that_the_agent_is_not_enrolled_for_is_named()
    {
        Enrol(forest: "fabrikam.test");

        await AssertFaultAsync(FaultKind.ConfigurationWrong, "enrolled for fabrikam.test");
    }

    [Fact]
    public async Task A_password_file_that_is_missing_is_named()
    {
        Enrol();
        File.Delete(_scratch.File("service.password"));

        await AssertFaultAsync(FaultKind.ConfigurationWrong, "service.password");
    }

    [Fact]
    public async Task Without_any_domain_controller_the_agent_does_not_start()
    {
        Enrol();
        using var closed = Ports.Closed(out var port);

        await AssertFaultAsync(FaultKind.NoDomainController, $"localhost:{port}", $"localhost:{port}");
    }

    [Fact]
    public async Task A_domain_controller_of_another_CA_is_told_apart()
    {
        Enrol();
        using var strangers = new TestAuthority("Strangers");
        using var directory = new RefusingDirectory(strangers.ForServer(), 0, "");

        await AssertFaultAsync(FaultKind.DirectoryUntrusted, directory.Address, directory.Address);
    }

    [Fact]
    public async Task A_service_account_that_is_refused_is_told_apart()
    {
        Enrol();
        using var directory = new RefusingDirectory(
            _authority.ForServer(), 49, "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563");

        await AssertFaultAsync(FaultKind.ServiceAccountRefused, "svc@corp.example is refused", directory.Address);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _scratch.Dispose();
        _key.Dispose();
    }

    private void Enrol(bool ended = false, string forest = "corp.example")
    {
        var now = TimeProvider.System.GetUtcNow();
        var leaf = _authority.ForAgentKey(
            new PublicKey(_key), notBefore: now.AddHours(-2), notAfter: ended ? now.AddHours(-1) : now.AddHours(1));
        var record = new EnrolmentRecord("a1", "test", "acme", [forest], [new Uri("https://127.0.0.1:1")]);
        _store.Save(record, _key, [leaf, _authority.Certificate]);
        File.WriteAllText(_scratch.File("service.password"), "secret");
        File.SetUnixFileMode(_scratch.File("service.password"), UnixFileMode.UserRead);
        File.WriteAllText(_scratch.File("ca.pem"), _authority.Certificate.ExportCertificatePem());
    }

    private async Task AssertFaultAsync(FaultKind kind, string words, string controller = "localhost:1")
    {
        var environment = new Dictionary<string, string>
        {
            ["StateDirectory"] = _scratch.Path,
            ["OperatorSocket"] = _scratch.File("operator.sock"),
            ["Forests__0__Name"] = "corp.example",
            ["Forests__0__ServiceAccount"] = "svc@corp.example",
            ["Forests__0__ServiceAccountPasswordFile"] = _scratch.File("service.password"),
            ["Forests__0__TrustedCaFile"] = _scratch.File("ca.pem"),
            ["Forests__0__DomainControllers__0"] = controller,

            // One that answers late is none, and a busy machine answers late.
            ["Forests__0__ConnectTimeout"] = "00:00:30",
            ["Forests__0__BindTimeout"] = "00:00:30",
            ["Forests__0__SearchTimeout"] = "00:00:30",
        }.ToDictionary(pair => "PASSTHROUGH_AGENT__" + pair.Key, pair => pair.Value);
        using var output = new StringWriter();
        using var errors = new StringWriter();

        var code = await new AgentCommand(environment, TimeProvider.System, output, errors).RunAsync(["run"]).InTime();

        Assert.Equal((int)kind, code);
        var line = Assert.Single(errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"passthrough-agent: PTA-{(int)kind:000} ", line, StringComparison.Ordinal);
        Assert.Contains(words, line, StringComparison.Ordinal);
    }
}
