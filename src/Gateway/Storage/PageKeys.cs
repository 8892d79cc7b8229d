using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Passthrough.Gateway.Storage;

/// <summary>The keys of the page's cookies, in the database: all instances that share it read each other's cookies. Encrypted
/// under a key that is derived from the CA's, so a copy of the database alone makes no session.</summary>
/// <param name="key">32 bytes.</param>
public sealed class PageKeys(IDbContextFactory<GatewayContext> database, byte[] key) : IXmlRepository
{
    public const string Purpose = "passthrough page keys";
    private int _seen;

    /// <exception cref="CryptographicException">A key was sealed under another CA's key, or changed.</exception>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var context = database.CreateDbContext();
        var kept = context.PageKeys.AsNoTracking().OrderBy(each => each.Number).ToList();
        Volatile.Write(ref _seen, kept.Count == 0 ? 0 : kept[^1].Number);
        return [.. kept.Select(each => XElement.Parse(Encoding.UTF8.GetString(Open(each))))];
    }

    /// <summary>Of instances that make a key at the same moment one stores its; the others find that when they read anew.</summary>
    public void StoreElement(XElement element, string friendlyName)
    {
        var number = Volatile.Read(ref _seen) + 1;
        using var context = database.CreateDbContext();
        context.PageKeys.Add(new PageKeyRecord { Number = number, Sealed = Seal(number, Encoding.UTF8.GetBytes(element.ToString())) });
        try
        {
            context.SaveChanges();
        }
        catch (DbUpdateException e) when (UniqueViolation.Is(e))
        {
            // The one that came first serves as well.
        }
    }

    private byte[] Seal(int number, ReadOnlySpan<byte> text)
    {
        var kept = new byte[Pieces.Size(text.Length)];
        var pieces = new Pieces(kept);
        RandomNumberGenerator.Fill(pieces.Nonce);
        using var aes = new AesGcm(key, pieces.Tag.Length);
        aes.Encrypt(pieces.Nonce, text, pieces.Cipher, pieces.Tag, NumberOf(number));
        return kept;
    }

    private byte[] Open(PageKeyRecord kept)
    {
        if (kept.Sealed.Length < Pieces.Size(0))
        {
            throw new CryptographicException("A page key in the database is cut short.");
        }

        var pieces = new Pieces(kept.Sealed);
        var text = new byte[pieces.Cipher.Length];
        using var aes = new AesGcm(key, pieces.Tag.Length);
        aes.Decrypt(pieces.Nonce, pieces.Cipher, pieces.Tag, text, NumberOf(kept.Number));
        return text;
    }

    private static byte[] NumberOf(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private readonly ref struct Pieces(Span<byte> kept)
    {
        private const int NonceSize = 12, TagSize = 16;
        private readonly Span<byte> _kept = kept;

        public static int Size(int text) => NonceSize + TagSize + text;

        public Span<byte> Nonce => _kept[..NonceSize];

        public Span<byte> Tag => _kept.Slice(NonceSize, TagSize);

        public Span<byte> Cipher => _kept[(NonceSize + TagSize)..];
    }
}
