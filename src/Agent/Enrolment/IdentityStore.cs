using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Passthrough.Agent.Hosting;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Enrolment;

/// <summary>Keeps the identity in the state directory. Key, certificate and CA are one file, so that a renewal replaces all of
/// them or none.</summary>
internal sealed class IdentityStore(string directory, TimeProvider clock)
{
    private const string EnrolAgain = "enrol again with a new token: passthrough-agent enroll";
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    public string IdentityFile { get; } = Path.Combine(directory, "identity.pem");

    public string RecordFile { get; } = Path.Combine(directory, "enrolment.json");

    /// <summary>Whether there is an identity that is still good: then a second enrolment is a mistake.</summary>
    public bool IsEnrolled()
    {
        try
        {
            _ = Load();
            return true;
        }
        catch (StartFaultException e) when (e.Faults[0].Kind is FaultKind.NotEnrolled or FaultKind.CertificateExpired)
        {
            return false;
        }
    }

    /// <summary>Finds out that nothing can be written before a token is used up.</summary>
    public void EnsureWritable()
    {
        PrivateFile.EnsureDirectory(directory);
        var probe = Path.Combine(directory, "probe");
        Write(probe, []);
        File.Delete(probe);
    }

    /// <exception cref="StartFaultException">There is none, others can read it, it is damaged or out of its time.</exception>
    public StoredIdentity Load()
    {
        if (!File.Exists(IdentityFile))
        {
            throw new StartFaultException(
                FaultKind.NotEnrolled, $"this agent is not enrolled ({IdentityFile} is missing): run passthrough-agent enroll");
        }

        if (PrivateFile.Exposed(IdentityFile))
        {
            throw new StartFaultException(
                FaultKind.KeyFileExposed,
                $"others may read or write {IdentityFile}, which holds the private key: if that was so for long, revoke this "
                + $"agent and enrol it again; otherwise run chmod 600 {IdentityFile}");
        }

        var identity = Damaged(IdentityFile, () => Parse(File.ReadAllText(IdentityFile)));
        CheckTime(identity);
        return identity;
    }

    public EnrolmentRecord LoadRecord() => Damaged(
        RecordFile,
        () => JsonSerializer.Deserialize<EnrolmentRecord>(File.ReadAllBytes(RecordFile)) is { StreamAddresses.Count: > 0 } record
            ? record
            : throw new FormatException("it names no gateway"));

    /// <summary>Stores the record, then the identity: who finds an identity finds a record.</summary>
    public void Save(EnrolmentRecord record, ECDsa key, IReadOnlyList<X509Certificate2> chain)
    {
        Save(record);
        Save(key, chain);
    }

    public void Save(EnrolmentRecord record) => Write(RecordFile, JsonSerializer.SerializeToUtf8Bytes(record, Readable));

    /// <param name="chain">Leaf first, then the CA.</param>
    public void Save(ECDsa key, IReadOnlyList<X509Certificate2> chain)
    {
        // The key's text is in this process's memory as the key itself is, for as long as it runs.
        var parts = chain.Select(certificate => certificate.ExportCertificatePem()).Prepend(key.ExportPkcs8PrivateKeyPem());
        Write(IdentityFile, Encoding.ASCII.GetBytes(string.Join('\n', parts) + '\n'));
    }

    private StoredIdentity Parse(string pem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem);
        if (chain.Count < 2)
        {
            throw new FormatException("it holds no certificate or no CA");
        }

        var leaf = X509Certificate2.CreateFromPem(pem, pem);
        var name = AgentIdentity.From(leaf) ?? throw new FormatException("its certificate names no agent");
        return new StoredIdentity(leaf, chain[^1], name, File.GetLastWriteTimeUtc(IdentityFile));
    }

    /// <exception cref="StartFaultException">The certificate has ended, or the clock says that it has not begun.</exception>
    public void CheckTime(StoredIdentity identity)
    {
        var now = clock.GetUtcNow();
        if (now >= identity.NotAfter)
        {
            throw new StartFaultException(
                FaultKind.CertificateExpired,
                $"the certificate of agent {identity.Name.AgentId} ended at {identity.NotAfter:u}, while it could not be renewed; {EnrolAgain}");
        }

        if (now < identity.Certificate.NotBefore.ToUniversalTime())
        {
            throw new StartFaultException(
                FaultKind.ClockWrong,
                $"this machine's clock says {now:u}, before the certificate of agent {identity.Name.AgentId} began "
                + $"({identity.Certificate.NotBefore.ToUniversalTime():u}): set the clock");
        }
    }

    private static void Write(string path, byte[] content)
    {
        try
        {
            PrivateFile.Replace(path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFaultException(FaultKind.StateNotWritable, $"{path} cannot be written: {e.Message}", e);
        }
    }

    private static T Damaged<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException
            or FormatException or ArgumentException or JsonException or System.Formats.Asn1.AsnContentException)
        {
            throw new StartFaultException(FaultKind.StateDamaged, $"{path} cannot be used: {e.Message}; {EnrolAgain}", e);
        }
    }
}
