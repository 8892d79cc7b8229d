using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Gateway.Hosting;

/// <summary>The certificate of the page that its operator brings. Read again when the file changes, so that its renewal needs
/// no restart. May be used by many threads.</summary>
internal sealed class PageCertificate
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly PageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private SslStreamCertificateContext _current;
    private DateTime _written;
    private long _looked;

    /// <exception cref="StartFaultException">The files are not a certificate and its key.</exception>
    public PageCertificate(PageOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time, _log) = (options, time, log);
        try
        {
            _written = File.GetLastWriteTimeUtc(options.CertificateFile);
            _looked = time.GetTimestamp();
            _current = Read();
        }
        catch (Exception e) when (IsReadFault(e))
        {
            throw new StartFaultException(
                FaultKind.PageCertificateWrong,
                $"{options.CertificateFile} and {options.PrivateKeyFile} are not a PEM certificate and its key: {e.Message}",
                e);
        }
    }

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                if (_time.GetElapsedTime(_looked) > LookAgainAfter)
                {
                    _looked = _time.GetTimestamp();
                    Reread();
                }

                return _current;
            }
        }
    }

    private void Reread()
    {
        try
        {
            var written = File.GetLastWriteTimeUtc(_options.CertificateFile);
            if (written != _written)
            {
                _current = Read();
                _written = written;
                _log.PageCertificateReread(_options.CertificateFile);
            }
        }
        catch (Exception e) when (IsReadFault(e))
        {
            // Certificate and key are two files: between their changes they do not fit. The old one serves on.
            _log.PageCertificateUnreadable(e, _options.CertificateFile);
        }
    }

    private SslStreamCertificateContext Read()
    {
        var leaf = X509Certificate2.CreateFromPemFile(_options.CertificateFile, _options.PrivateKeyFile);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(_options.CertificateFile);
        return SslStreamCertificateContext.Create(leaf, all, offline: true);
    }

    private static bool IsReadFault(Exception e) =>
        e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException;
}
