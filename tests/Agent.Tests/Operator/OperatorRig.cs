using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Audit;
using Passthrough.Directories;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Operator;

/// <summary>A whole agent in this process, as <c>run</c> starts it, with its operator's socket and port. Its gateway and its domain
/// controller do not answer.</summary>
internal sealed class OperatorRig : IAsyncDisposable
{
    private readonly ScratchDirectory _folder;
    private readonly IHost _host;
    private readonly SiteForests _forests;
    private readonly AgentLogging _logging;
    private readonly AuditLog _audit;

    private OperatorRig(ScratchDirectory folder, IHost host, SiteForests forests, AgentLogging logging, AuditLog audit, int port) =>
        (_folder, _host, _forests, _logging, _audit, ClusterPort) = (folder, host, forests, logging, audit, port);

    public static TestAuthority Gateway { get; } = new("Gateway CA");

    public static TestAuthority Operators { get; } = new("Operators CA");

    public int ClusterPort { get; }

    public string Socket => _folder.File("operator.sock");

    public int Port => _host.Services.GetRequiredService<Agent.Operator.OperatorPort>().EndPoint!.Port;

    public EventRing<LogEntry> Log => _logging.Recent.Ring;

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <param name="first">Whom to join; null: it is the first.</param>
    public static async Task<OperatorRig> StartAsync(string name = "agent-1", OperatorRig? first = null)
    {
        var folder = new ScratchDirectory();
        var identity = Gateway.Enrol(name);
        var enrolment = new EnrolmentRecord(name, name, "acme", ["corp.example"], [new Uri("https://127.0.0.1:1")]);
        var store = new IdentityStore(folder.Path, TimeProvider.System);
        store.Save(enrolment, identity.SigningKey, [identity.Certificate, Gateway.Certificate]);
        await File.WriteAllTextAsync(folder.File("operators.pem"), Operators.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.File("ca.pem"), Gateway.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.File("password"), "secret");
        File.SetUnixFileMode(folder.File("password"), UnixFileMode.UserRead);
        var port = Ports.Free();
        var options = new AgentOptions
        {
            StateDirectory = folder.Path,
            OperatorSocket = folder.File("operator.sock"),
            Operator = { TrustedCaFile = folder.File("operators.pem"), Port = 0 },
            Monitoring = { Listen = "off" },
            Cluster = { Port = port, SeedNodes = [$"127.0.0.1:{first?.ClusterPort ?? port}"] },
            Journal = { Path = first is null ? folder.File("journal.db") : first._folder.File("journal.db") },
            DrainTimeout = TimeSpan.FromSeconds(1),
            Forests =
            [
                new ForestOptions
                {
                    Name = "corp.example", ServiceAccount = "svc@corp.example", ServiceAccountPasswordFile = folder.File("password"),
                    TrustedCaFile = folder.File("ca.pem"), DomainControllers = { "127.0.0.1:9", "127.0.0.2:9" },
                },
            ],
        };
        var logging = new AgentLogging(TimeProvider.System);
        using var logs = LoggerFactory.Create(logging.Configure);
        var forests = SiteForests.Open(options.Forests, enrolment.Forests, TimeProvider.System, logs);
        var audit = AuditLog.Open(new AuditPlace(folder.Path, options.Audit), "test", TimeProvider.System, logs.CreateLogger<AuditLog>());
        var host = new AgentParts(options, TimeProvider.System, store, identity, enrolment, forests, logging, audit).Build();
        host.Services.GetRequiredService<Agent.Lockout.JournalHealth>().Patience = TimeSpan.FromSeconds(60);
        await host.StartAsync().InTime();
        return new OperatorRig(folder, host, forests, logging, audit, port);
    }

    /// <summary>An operator's certificate with its key.</summary>
    public static X509Certificate2 Certificate(string name = "carol", bool mayOperate = true, TestAuthority? authority = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = (authority ?? Operators).ForOperator(new PublicKey(key), new OperatorIdentity(name, mayOperate));
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>By the socket.</summary>
    public GrpcChannel Local() => GrpcChannel.ForAddress("http://operator", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });

    /// <summary>By the port.</summary>
    /// <param name="certificate">Null: none is shown.</param>
    public GrpcChannel Remote(X509Certificate2? certificate) => GrpcChannel.ForAddress($"https://127.0.0.1:{Port}", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 own && AgentIdentity.From(own) is not null,
                ClientCertificates = certificate is null ? [] : [certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
            },
        },
    });

    public Task<Answer> RunAsync(params string[] words) => RunAsync(Local(), words);

    /// <summary>What comes of a command that goes on, until it is cancelled.</summary>
    public async IAsyncEnumerable<RunReply> FollowAsync(params string[] words)
    {
        using var channel = Local();
        using var call = new Wire.V1.Operator.OperatorClient(channel).Run(
            new RunRequest { Words = { words }, Says = "carol" }, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Await.Patience));
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            yield return reply;
        }
    }

    public static async Task<Answer> RunAsync(GrpcChannel channel, params string[] words)
    {
        using var owned = channel;
        using var call = new Wire.V1.Operator.OperatorClient(channel).Run(
            new RunRequest { Words = { words }, Says = "carol" }, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Await.Patience));
        var replies = new List<RunReply>();
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            replies.Add(reply);
        }

        return new Answer(replies);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().InTime();
        await ((IAsyncDisposable)_host).DisposeAsync();
        await _forests.DisposeAsync();
        await _audit.DisposeAsync();
        _logging.Dispose();
        _folder.Dispose();
    }

    /// <summary>All that came of a command.</summary>
    internal sealed class Answer(IReadOnlyList<RunReply> replies)
    {
        public RunReply.Types.Done Done => replies[^1].Done;

        public IReadOnlyList<string> Progress => [.. replies.Where(reply => reply.Progress.Length > 0).Select(reply => reply.Progress)];

        public IReadOnlyList<string> Notes => [.. replies.Where(reply => reply.Note.Length > 0).Select(reply => reply.Note)];

        /// <summary>Each as its columns' names and its values.</summary>
        public IReadOnlyList<Dictionary<string, string>> Rows
        {
            get
            {
                var names = replies.First(reply => reply.Columns is not null).Columns.Columns_.Select(column => column.Name).ToList();
                return [.. replies.Where(reply => reply.Row is not null).Select(reply =>
                    names.Zip(reply.Row.Values).ToDictionary(pair => pair.Item1, pair => pair.Item2))];
            }
        }

        public Answer IsDone()
        {
            Assert.Equal((RunReply.Types.Result.Ok, ""), (Done.Result, Done.Message));
            return this;
        }
    }
}
