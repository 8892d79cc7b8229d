using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Operator;

/// <summary>The port that <c>pbm</c> and browsers talk to from elsewhere: TLS 1.3, mutual. The agent shows the certificate that it has from its
/// gateway; an operator one of the site's own operators' CA, which says the role.</summary>
/// <param name="web">Asked for at the start, not before.</param>
internal sealed class OperatorPort(
    Func<OperatorWeb> web, OperatorOptions options, CurrentIdentity identity, TimeProvider clock, ILoggerFactory logs)
    : IHostedService, IAsyncDisposable
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(5), ToldAgain = TimeSpan.FromMinutes(1);

    private readonly ILogger _log = logs.CreateLogger<OperatorPort>();
    private WebApplication? _app;
    private long _toldAt;

    /// <summary>Where it listens, once it does.</summary>
    public IPEndPoint? EndPoint { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.TrustedCaFile.Length == 0)
        {
            return;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(options.TrustedCaFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartFaultException(FaultKind.ConfigurationWrong, $"the operators' CA file {options.TrustedCaFile} cannot be read: {e.Message}", e);
        }

        if (authorities.Count == 0)
        {
            throw new StartFaultException(FaultKind.ConfigurationWrong, $"the operators' CA file {options.TrustedCaFile} holds no certificate");
        }

        _app = web().Build(OperatorDoor.Commands | OperatorDoor.Dashboard, kestrel => kestrel.Listen(IPAddress.Parse(options.BindAddress), options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = HandshakeTime,
                OnConnection = _ => ValueTask.FromResult(Tls(authorities)),
            });
        }));
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new StartFaultException(
                FaultKind.PortTaken, $"port {options.Port} on {options.BindAddress} is taken: another agent or program listens there. Give this agent another {nameof(AgentOptions.Operator)}:{nameof(OperatorOptions.Port)}", e);
        }

        var address = new Uri(_app.Urls.First());
        EndPoint = new IPEndPoint(IPAddress.Parse(options.BindAddress), address.Port);
        _log.Listening($"{EndPoint}", string.Join(", ", authorities.Select(each => each.Subject)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private SslServerAuthenticationOptions Tls(X509Certificate2Collection authorities)
    {
        var policy = GatewayTls.ChainTo(authorities[0], clock, ClientAuthentication);
        policy.CustomTrustStore.AddRange(authorities);
        return new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowTlsResume = false,
            ClientCertificateRequired = true,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, shown, _, errors) => IsOperator(shown as X509Certificate2, errors),
            ServerCertificateContext = SslStreamCertificateContext.Create(identity.Value.Certificate, null, offline: true),
        };
    }

    private bool IsOperator(X509Certificate2? shown, SslPolicyErrors errors)
    {
        var refusal = shown is null ? "no certificate was shown"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? $"the certificate {Plain.Text(shown.Subject)} is not valid, or not of the operators' CA"
            : OperatorIdentity.From(shown) is null ? $"the certificate {Plain.Text(shown.Subject)} names no operator"
            : null;
        var (now, before) = (clock.GetTimestamp(), Interlocked.Read(ref _toldAt));
        if (refusal is not null && (before == 0 || clock.GetElapsedTime(before, now) >= ToldAgain) && Interlocked.CompareExchange(ref _toldAt, now, before) == before)
        {
            _log.Stranger(refusal);
        }

        return refusal is null;
    }
}
