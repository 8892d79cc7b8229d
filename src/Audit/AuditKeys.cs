using System.Security.Cryptography;
using System.Text;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>The keys of a log, made at their first use. Called under the log's lock.</summary>
internal static class AuditKeys
{
    private const int SecretBytes = 32;

    /// <exception cref="AuditFaultException">It is damaged, or others may read it.</exception>
    public static ECDsa Signing(AuditPlace place)
    {
        if (!File.Exists(place.SigningKeyFile))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            AuditPlace.Replace(place.SigningKeyFile, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + '\n'), flush: true);
        }

        AuditPlace.RefuseIfExposed(place.SigningKeyFile, "chmod 600");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(place.SigningKeyFile));
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new AuditFaultException($"{place.SigningKeyFile} is no key ({e.Message}): restore it from a backup", cause: e);
        }
    }

    /// <exception cref="AuditFaultException">It is damaged, or others may read it.</exception>
    public static Pseudonyms Names(AuditPlace place)
    {
        if (!File.Exists(place.NamesFile))
        {
            Keep(place, new Pseudonyms([PseudonymTree.Plant(Secret())]));
        }

        AuditPlace.RefuseIfExposed(place.NamesFile, "chmod 600");
        return Pseudonyms.TryRead(File.ReadAllLines(place.NamesFile)) ?? throw new AuditFaultException(
            $"{place.NamesFile} holds no pseudonym keys: restore it from a backup, or delete it, and no name that was recorded before can be found again");
    }

    public static void Keep(AuditPlace place, Pseudonyms names) =>
        AuditPlace.Replace(place.NamesFile, Encoding.ASCII.GetBytes(string.Join('\n', names.Write()) + '\n'), flush: true);

    /// <summary>The head that is kept beside the log; empty: none is.</summary>
    public static string HeadText(AuditPlace place) => File.Exists(place.HeadFile) ? File.ReadAllText(place.HeadFile) : "";

    /// <summary>Null: it is none that the key signed.</summary>
    public static AuditHead? ReadHead(string text, ECDsa key) =>
        text.Trim().Split(' ') is [var place, var signature] && AuditHead.TryParse(place) is { } head && AuditSignature.IsHead(key, head, signature)
            ? head
            : null;

    public static byte[] Secret() => RandomNumberGenerator.GetBytes(SecretBytes);
}

/// <summary>Replaces names by pseudonyms, if the site wants it. Follows the keys' file, from which another process may have erased
/// somebody.</summary>
internal sealed class NameHider(AuditPlace place)
{
    /// <summary>A pseudonym costs some 20 µs to make; people sign in again.</summary>
    private const int Remembered = 16_384;

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private (DateTime, long) _stamp;
    private Pseudonyms? _names;

    /// <summary>Under the lock, before names are hidden.</summary>
    public void Refresh()
    {
        if (!place.Options.Pseudonyms || (_names is not null && Stamp() == _stamp))
        {
            return;
        }

        _known.Clear();
        _names = AuditKeys.Names(place);
        _stamp = Stamp();
    }

    public string Hide(string name)
    {
        var plain = name.Trim().ToLowerInvariant();
        if (_names is null)
        {
            return plain;
        }

        if (!_known.TryGetValue(plain, out var pseudonym))
        {
            if (_known.Count >= Remembered)
            {
                _known.Clear();
            }

            _known[plain] = pseudonym = _names.Of(plain);
        }

        return pseudonym;
    }

    private (DateTime, long) Stamp() => File.Exists(place.NamesFile)
        ? (File.GetLastWriteTimeUtc(place.NamesFile), new FileInfo(place.NamesFile).Length)
        : default;
}
