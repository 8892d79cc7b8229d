using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Gateway.Agents;

/// <summary>The certificate that this gateway's own listeners show, from the private CA; made anew in time, while the process
/// runs. May be used by many threads.</summary>
public sealed class ServerCertificate(CertificateAuthority authority, IReadOnlyList<string> names, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);
    private static readonly TimeSpan RenewAfter = Lifetime / 3;

    private readonly Lock _gate = new();
    private SslStreamCertificateContext? _current;
    private DateTimeOffset _madeAt;

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                var now = time.GetUtcNow();
                if (_current is null || now - _madeAt > RenewAfter)
                {
                    var issuer = X509CertificateLoader.LoadCertificate(authority.Certificate);
                    _current = SslStreamCertificateContext.Create(
                        authority.IssueServer(names, Lifetime, now), [issuer], offline: true);
                    _madeAt = now;
                }

                return _current;
            }
        }
    }
}
