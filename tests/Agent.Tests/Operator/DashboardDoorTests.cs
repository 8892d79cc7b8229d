using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Passthrough.Agent.Operator;
using Passthrough.Agent.Tests.Support;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Operator;

/// <summary>Who sees the dashboard, and that a page of another site reaches nothing.</summary>
public sealed class DashboardDoorTests : IAsyncLifetime
{
    private OperatorRig _agent = null!;

    public async Task InitializeAsync() => _agent = await OperatorRig.StartAsync();

    public async Task DisposeAsync() => await _agent.DisposeAsync();

    [Theory, InlineData("1.1"), InlineData("2.0")]
    public async Task At_the_port_who_may_read_sees_it_by_either_protocol(string version)
    {
        using var certificate = OperatorRig.Certificate("dave", mayOperate: false);
        using var browser = Remote(certificate);

        // A node that does not answer within a second is shown without what it would have said.
        await Wait.UntilAsync(async () =>
        {
            using var reply = await SendAsync(browser, $"https://127.0.0.1:{_agent.Port}/", version: version);
            var page = await reply.Content.ReadAsStringAsync();
            Assert.Equal((HttpStatusCode.OK, new Version(version)), (reply.StatusCode, reply.Version));
            Assert.Contains("form-action 'none'", reply.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            return page.Contains("agent-1", StringComparison.Ordinal) && page.Contains("corp.example", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Nobody_else_sees_it_at_the_port()
    {
        using var foreign = new TestAuthority("Foreign CA");
        using var stranger = OperatorRig.Certificate(authority: foreign);
        foreach (var certificate in new X509Certificate2?[] { null, stranger, OperatorRig.Gateway.Enrol("a1").Certificate })
        {
            using var browser = Remote(certificate);
            await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(browser, $"https://127.0.0.1:{_agent.Port}/"));
        }
    }

    [Fact]
    public async Task By_the_socket_it_is_seen_under_names_of_this_machine_only()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(OperatorSocket.DashboardBeside(_agent.Socket)));
        using var browser = Local();
        foreach (var (host, status) in new[]
        {
            ("127.0.0.1:9110", HttpStatusCode.OK), ("localhost:9110", HttpStatusCode.OK), ("[::1]:9110", HttpStatusCode.OK),
            ("evil.example:9110", HttpStatusCode.Forbidden), ("127.0.0.1.evil.example", HttpStatusCode.Forbidden),
        })
        {
            foreach (var path in new[] { "/", "/dashboard.js" })
            {
                using var reply = await SendAsync(browser, $"http://{host}{path}");
                Assert.Equal(status, reply.StatusCode);
            }
        }
    }

    [Theory]
    [InlineData("Origin", "https://evil.example"), InlineData("Origin", "null"), InlineData("Origin", "http://127.0.0.1:8080")]
    [InlineData("Sec-Fetch-Site", "cross-site"), InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_page_of_another_site_reaches_nothing(string header, string value)
    {
        using var certificate = OperatorRig.Certificate();
        using var remote = Remote(certificate);
        using var local = Local();
        foreach (var (browser, address) in new[] { (local, "http://127.0.0.1:9110"), (remote, $"https://127.0.0.1:{_agent.Port}") })
        {
            foreach (var path in new[] { "/", "/stream", "/passthrough.wire.v1.Operator/Run" })
            {
                using var reply = await SendAsync(browser, address + path, header, value);
                Assert.Equal(HttpStatusCode.Forbidden, reply.StatusCode);
                Assert.DoesNotContain("Access-Control-Allow-Origin", reply.Headers.Select(each => each.Key));
            }
        }
    }

    /// <summary>Not even the dashboard's own, were it ever to have a hole.</summary>
    [Fact]
    public async Task No_page_reaches_a_command()
    {
        using var certificate = OperatorRig.Certificate();
        using var channel = _agent.Remote(certificate);
        var client = new Wire.V1.Operator.OperatorClient(channel);
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await client.PalettesAsync(
            new PalettesRequest(), new Metadata { { "origin", $"https://127.0.0.1:{_agent.Port}" }, { "sec-fetch-site", "same-origin" } }));
        Assert.Equal(StatusCode.PermissionDenied, fault.StatusCode);

        using var local = Local();
        using var reply = await SendAsync(local, "http://127.0.0.1:9110/passthrough.wire.v1.Operator/Run");
        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_refused()
    {
        using var local = Local();
        using var reply = await SendAsync(local, "http://127.0.0.1:9110/", "X-Much", new string('a', 17 * 1024));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, reply.StatusCode);
    }

    [Fact]
    public async Task Pbm_and_browsers_share_the_port()
    {
        using var certificate = OperatorRig.Certificate();
        using var browser = Remote(certificate);
        using var end = new CancellationTokenSource(Await.Patience);
        using var stream = await browser.GetAsync(new Uri($"https://127.0.0.1:{_agent.Port}/stream"), HttpCompletionOption.ResponseHeadersRead, end.Token);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        Assert.Single((await OperatorRig.RunAsync(_agent.Remote(certificate), "cluster", "show")).IsDone().Rows);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(end.Token));
        Assert.Equal("event: page", await lines.ReadLineAsync(end.Token));

        // A page of a moment in which the node was stalled does not say it; the next does.
        for (var line = ""; !line.Contains("no answer", StringComparison.Ordinal);)
        {
            line = await lines.ReadLineAsync(end.Token);
            Assert.NotNull(line);
        }
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string address, string? header = null, string? value = null, string version = "1.1")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address)) { Version = new Version(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        return client.SendAsync(request);
    }

    private HttpClient Local() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(OperatorSocket.DashboardBeside(_agent.Socket)), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static HttpClient Remote(X509Certificate2? certificate) => new(new SocketsHttpHandler
    {
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 own && AgentIdentity.From(own) is not null,
            ClientCertificates = certificate is null ? [] : [certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
        },
    });
}
