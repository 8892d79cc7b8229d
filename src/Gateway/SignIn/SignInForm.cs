using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Gateway.SignIn;

/// <summary>What a sign-in page sends (application/x-www-form-urlencoded, WHATWG URL 5.1). Read here and not by the
/// framework, because the framework would make a string of the password.</summary>
internal sealed class SignInForm : IDisposable
{
    public const string NameField = "name";
    public const string PasswordField = "password";

    /// <summary>Bytes of a body that is taken. The longest name and password, percent-encoded, and the form's token fit.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int MaxFields = 8;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SignInForm(Dictionary<string, StringValues> fields, TypedPassword? password)
    {
        Fields = new FormCollection(fields);
        Password = password;
    }

    /// <summary>All fields but the password.</summary>
    public IFormCollection Fields { get; }

    /// <summary>Null if there is none, or one that must never be sent to a directory.</summary>
    public TypedPassword? Password { get; }

    /// <summary>As typed; empty if it is missing.</summary>
    public string Name => Fields[NameField].ToString();

    /// <summary>Null if it is no form, or too long: then nothing of it is used.</summary>
    public static async Task<SignInForm?> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        using var body = IsForm(request) ? await BoundedBody.ReadAsync(request, MaxBytes, cancel) : null;
        var form = body is null ? null : Parse(body.Bytes);
        if (form is not null)
        {
            // The check of the form's token reads the fields from here.
            request.HttpContext.Features.Set<IFormFeature>(new FormFeature(form.Fields));
        }

        return form;
    }

    internal static SignInForm? Parse(ReadOnlySpan<byte> body)
    {
        var fields = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        TypedPassword? password = null;
        var hasPassword = false;
        var count = 0;
        var scratch = GC.AllocateUninitializedArray<byte>(body.Length, pinned: true);
        try
        {
            foreach (var part in body.Split((byte)'&'))
            {
                var pair = body[part];
                var sign = pair.IndexOf((byte)'=');
                var key = Strict.GetString(scratch.AsSpan(0, Decode(sign < 0 ? pair : pair[..sign], scratch)));
                var value = scratch.AsSpan(0, Decode(sign < 0 ? [] : pair[(sign + 1)..], scratch));
                var isNew = ++count <= MaxFields
                    && (key == PasswordField ? !hasPassword : fields.TryAdd(key, Strict.GetString(value)));
                if (!isNew)
                {
                    password?.Dispose();
                    return null;
                }

                if (key == PasswordField)
                {
                    hasPassword = true;
                    TypedPassword.TryCreate(value, out password);
                }
            }
        }
        catch (DecoderFallbackException)
        {
            password?.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scratch);
        }

        return new SignInForm(fields, password);
    }

    public void Dispose() => Password?.Dispose();

    private static bool IsForm(HttpRequest request) =>
        System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && string.Equals(type.MediaType, "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    /// <summary>Percent-decoding as WHATWG URL 1.3: a percent sign that begins no byte stays as it is.</summary>
    private static int Decode(ReadOnlySpan<byte> encoded, Span<byte> decoded)
    {
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            var isByte = encoded[i] == '%' && i + 2 < encoded.Length
                && char.IsAsciiHexDigit((char)encoded[i + 1]) && char.IsAsciiHexDigit((char)encoded[i + 2]);
            decoded[length++] = encoded[i] switch
            {
                (byte)'+' => (byte)' ',
                (byte)'%' when isByte => (byte)((HexOf(encoded[i + 1]) << 4) | HexOf(encoded[i + 2])),
                var plain => plain,
            };
            i += isByte ? 2 : 0;
        }

        return length;
    }

    private static int HexOf(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
