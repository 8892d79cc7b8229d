using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Gateway.SignIn;

/// <summary>Knows a browser again that has signed in before, so that the guesses of strangers do not lock its owner out. It proves
/// nothing and opens nothing. Each tenant has a cookie of its own with a random number of its own; what agents are told is
/// derived from that, so neither a journal nor a log can make the cookie again.</summary>
internal sealed class DeviceCookie(IDataProtectionProvider protection)
{
    private const int IdSize = 16;

    /// <summary>What browsers keep a cookie for at most (RFC 6265bis 5.5), from the last sign-in: who comes back after a long leave
    /// is the one who has forgotten the password.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    public static string NameFor(string tenant) => $"__Host-passthrough-device-{tenant}";

    /// <summary>Where this request comes from: the network of its connection, and the device if it has a good cookie.</summary>
    public ClientSource SourceOf(HttpContext context, string tenant) =>
        ClientSource.Of(context.Connection.RemoteIpAddress, Read(context, tenant) is { } id ? DeviceOf(tenant, id) : null);

    /// <summary>After a sign-in: gives the browser a cookie, or the one that it has another lifetime.</summary>
    public void Remember(HttpContext context, string tenant)
    {
        var id = Read(context, tenant) ?? RandomNumberGenerator.GetBytes(IdSize);
        context.Response.Cookies.Append(NameFor(tenant), Base64Url.EncodeToString(ProtectorFor(tenant).Protect(id)), new CookieOptions
        {
            Path = "/",
            Secure = true,
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            MaxAge = Lifetime,
        });
    }

    private byte[]? Read(HttpContext context, string tenant)
    {
        // The longest that is made has about 200 characters; what is longer is not ours.
        if (context.Request.Cookies[NameFor(tenant)] is not { Length: > 0 and <= 512 } text || !Base64Url.IsValid(text))
        {
            return null;
        }

        try
        {
            return ProtectorFor(tenant).Unprotect(Base64Url.DecodeFromChars(text)) is { Length: IdSize } id ? id : null;
        }
        catch (CryptographicException)
        {
            // Another gateway's, another tenant's, or made up: a browser that is not known.
            return null;
        }
    }

    private IDataProtector ProtectorFor(string tenant) => protection.CreateProtector("device", tenant);

    private static Guid DeviceOf(string tenant, ReadOnlySpan<byte> id) =>
        new(SHA256.HashData([.. Encoding.UTF8.GetBytes($"device of {tenant}:"), .. id]).AsSpan(0, 16), bigEndian: true);
}
