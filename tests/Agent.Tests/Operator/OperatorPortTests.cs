using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Grpc.Core;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Operator;

/// <summary>Who and what the operators' port lets in, and that the node goes on meanwhile.</summary>
public sealed class OperatorPortTests : IAsyncLifetime
{
    private OperatorRig _agent = null!;

    public async Task InitializeAsync() => _agent = await OperatorRig.StartAsync();

    public async Task DisposeAsync() => await _agent.DisposeAsync();

    [Fact]
    public async Task The_certificate_says_who_it_is_and_what_he_may()
    {
        using var operates = OperatorRig.Certificate();
        Assert.Single((await OperatorRig.RunAsync(_agent.Remote(operates), "cluster", "show")).IsDone().Rows);
        (await OperatorRig.RunAsync(_agent.Remote(operates), "log", "set", "Warning", "-c", "Akka", "--for", "1s", "--reason", "quiet")).IsDone();
        Assert.Contains(_agent.Log.Since(0).Items, line => line.Text == "Operator carol asks for log set Akka 1s Warning: quiet");

        using var reads = OperatorRig.Certificate("dave", mayOperate: false);
        Assert.Single((await OperatorRig.RunAsync(_agent.Remote(reads), "cluster", "show")).IsDone().Rows);
        var refused = await OperatorRig.RunAsync(_agent.Remote(reads), "account", "unlock", "anna@corp.example", "--reason", "x");
        Assert.Equal((RunReply.Types.Result.NotAllowed, "account unlock needs the role operate; dave may read only"), (refused.Done.Result, refused.Done.Message));
        Assert.Contains(_agent.Log.Since(0).Items, line => line.Event == 2602 && line.Text.StartsWith("Operator dave is refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_else_gets_in()
    {
        using var foreign = new TestAuthority("Foreign CA");
        using var stranger = OperatorRig.Certificate(authority: foreign);
        using var ofTheGateway = OperatorRig.Certificate(authority: OperatorRig.Gateway);
        var began = TimeProvider.System.GetTimestamp();
        using var nobody = OperatorRig.Operators.Enrol("a9").Certificate;
        foreach (var certificate in new X509Certificate2?[] { null, stranger, ofTheGateway, OperatorRig.Gateway.Enrol("a1").Certificate, nobody })
        {
            var fault = await Assert.ThrowsAsync<RpcException>(() => OperatorRig.RunAsync(_agent.Remote(certificate), "cluster", "show"));
            Assert.Contains(fault.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
        }

        // Told once a minute.
        var minutes = (int)TimeProvider.System.GetElapsedTime(began).TotalMinutes;
        Assert.InRange(_agent.Log.Since(0).Items.Count(line => line.Event == 2605), 1, 1 + minutes);
        await ValidatesAsync();
    }

    [Fact]
    public async Task Lines_of_a_megabyte_are_refused()
    {
        using var certificate = OperatorRig.Certificate();
        var fault = await Assert.ThrowsAsync<RpcException>(() => OperatorRig.RunAsync(_agent.Remote(certificate), "route", new string('a', 1_000_000)));
        Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
        var longWord = await OperatorRig.RunAsync(_agent.Remote(certificate), "route", new string('a', 1_000));
        Assert.Equal(RunReply.Types.Result.Usage, longWord.Done.Result);
        var manyWords = await OperatorRig.RunAsync(_agent.Remote(certificate), [.. Enumerable.Repeat("route", 100)]);
        Assert.Equal(RunReply.Types.Result.Usage, manyWords.Done.Result);
        await ValidatesAsync();
    }

    [Fact]
    public async Task A_thousand_idle_connections_are_cut_and_hold_nobody_up()
    {
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1_000; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _agent.Port);
                idle.Add(client);
            }

            // The local socket is a door of its own, and permits are granted.
            Assert.Single((await _agent.RunAsync("cluster", "show")).IsDone().Rows);
            await ValidatesAsync();

            // Most are closed at once, the others when they do not shake hands; then there is room again.
            await Await.ThatAsync(() => idle.TrueForAll(IsClosed), "all are closed");
            using var certificate = OperatorRig.Certificate();
            OperatorRig.Answer? shown = null;
            await Wait.UntilAsync(async () =>
            {
                try
                {
                    shown = await OperatorRig.RunAsync(_agent.Remote(certificate), "cluster", "show");
                }
                catch (RpcException)
                {
                    // The server counts a connection for a moment after its end.
                }

                return shown is not null;
            });
            Assert.Single(shown!.IsDone().Rows);
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Garbage_before_the_handshake_and_after_it_is_survived()
    {
        using var certificate = OperatorRig.Certificate();
        foreach (var bytes in Samples(40))
        {
            using var plain = new TcpClient();
            await plain.ConnectAsync(IPAddress.Loopback, _agent.Port);
            await SendAsync(plain.GetStream(), bytes);
        }

        foreach (var bytes in Samples(20))
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _agent.Port);
            await using var tls = await ShakeAsync(client.GetStream(), certificate);
            await SendAsync(tls, [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. bytes]);
        }

        foreach (var bytes in Samples(20))
        {
            using var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await local.ConnectAsync(new UnixDomainSocketEndPoint(_agent.Socket));
            await using var stream = new NetworkStream(local);
            await SendAsync(stream, bytes);
        }

        Assert.Single((await OperatorRig.RunAsync(_agent.Remote(certificate), "cluster", "show")).IsDone().Rows);
        await ValidatesAsync();
    }

    [Fact]
    public async Task Whatever_words_are_sent_there_is_one_answer()
    {
        using var certificate = OperatorRig.Certificate("dave", mayOperate: false);
        using var channel = _agent.Remote(certificate);
        var client = new Wire.V1.Operator.OperatorClient(channel);
        var palettes = await client.PalettesAsync(new PalettesRequest());
        var known = palettes.Commands.SelectMany(command => new[] { command.Palette, command.Name }.Concat(command.Arguments.SelectMany(argument => argument.Switches)))
            .Where(word => word.Length > 0).Append("--once").Distinct().ToArray();
        var lines = Gen.OneOf(Gen.String[0, 20], Gen.Int[0, known.Length - 1].Select(i => known[i])).List[0, 6].Array[150].Single();
        foreach (var words in lines.Where(words => !words.Contains("tail")))
        {
            using var call = client.Run(new RunRequest { Words = { words.Select(word => new string([.. word.Where(c => !char.IsSurrogate(c))])) } },
                new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Await.Patience));
            var replies = new List<RunReply>();
            await foreach (var reply in call.ResponseStream.ReadAllAsync())
            {
                replies.Add(reply);
            }

            Assert.Equal(RunReply.BodyOneofCase.Done, replies[^1].BodyCase);
            Assert.Single(replies, reply => reply.BodyCase == RunReply.BodyOneofCase.Done);
        }

        Assert.DoesNotContain(_agent.Log.Since(0).Items, line => line.Event == 2603);
        await ValidatesAsync();
    }

    /// <summary>A permit is granted and settled, which is this node's part of a sign-in.</summary>
    private async Task ValidatesAsync()
    {
        var (account, attempt) = (new AccountKey("corp.example", Guid.NewGuid()), new AttemptId(Guid.CreateVersion7()));
        using var deadline = new CancellationTokenSource(Await.Patience);
        var desk = _agent.Get<PermitDesk>();
        var granted = Assert.IsType<PermitAnswer.Granted>(await desk.AskAsync(new PermitRequest(account, ClientSource.Nowhere, attempt), deadline.Token));
        Assert.True(await desk.SettleAsync(account, attempt, granted.Permit, Settlement.Succeeded, null, deadline.Token));
    }

    private static byte[][] Samples(int count) => Gen.Byte.Array[1, 2_000].Array[count].Single();

    private static bool IsClosed(TcpClient client)
    {
        try
        {
            return client.Client.Poll(0, SelectMode.SelectRead) && client.Client.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task SendAsync(Stream stream, byte[] bytes)
    {
        try
        {
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
        }
        catch (IOException)
        {
            // Refused already.
        }
    }

    private static async Task<SslStream> ShakeAsync(Stream stream, X509Certificate2 certificate)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            ClientCertificates = [certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
        });
        return tls;
    }
}
