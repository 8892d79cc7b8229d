using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Gateway.SignIn;

/// <summary>The body of a validation: <c>{"userName": …, "password": …}</c>, both strings, each once, nothing else. The
/// password goes from the bytes of the body to its pinned buffer and never becomes a string.</summary>
internal sealed class ValidationRequest : IDisposable
{
    /// <summary>Bytes of a body that is taken. The longest name and password fit, unless nearly every character is
    /// written as an escape.</summary>
    public const int MaxBytes = 4 * 1024;

    private ValidationRequest(string userName, TypedPassword password) => (UserName, Password) = (userName, password);

    public string UserName { get; }

    public TypedPassword Password { get; }

    public void Dispose() => Password.Dispose();

    /// <summary>Whether the body says that it is JSON in UTF-8.</summary>
    public static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase)
        && type.CharSet is null or "utf-8" or "UTF-8" or "\"utf-8\"";

    /// <summary>Null with the fault, one line that may be shown to the caller: it never holds what was in the body.</summary>
    public static ValidationRequest? Read(ReadOnlySpan<byte> body, out string fault)
    {
        string? userName = null;
        TypedPassword? password = null;
        try
        {
            fault = ReadFields(body, ref userName, ref password);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is not UTF-8, or half of a surrogate pair.
            fault = "the body is not valid JSON in UTF-8";
        }

        fault = fault.Length > 0 ? fault
            : userName is null ? "userName is missing"
            : password is null ? "password is missing"
            : "";
        if (fault.Length == 0)
        {
            return new ValidationRequest(userName!, password!);
        }

        password?.Dispose();
        return null;
    }

    private static string ReadFields(ReadOnlySpan<byte> body, ref string? userName, ref TypedPassword? password)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 2 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return "the body is not a JSON object";
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("userName"u8);
            if (!isName && !reader.ValueTextEquals("password"u8))
            {
                return "the body has a property that is neither userName nor password";
            }

            if ((isName ? userName : (object?)password) is not null)
            {
                return isName ? "userName is given twice" : "password is given twice";
            }

            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                return isName ? "userName is not a string" : "password is not a string";
            }

            if (isName)
            {
                userName = reader.GetString();
            }
            else if (TakePassword(ref reader, out password) is var fault and not PasswordFault.None)
            {
                return TextOf(fault);
            }
        }

        // The object is closed; one more read throws if anything follows it.
        return reader.Read() ? "the body goes on after its object" : "";
    }

    private static PasswordFault TakePassword(ref Utf8JsonReader reader, out TypedPassword? password)
    {
        var scratch = GC.AllocateUninitializedArray<byte>(reader.ValueSpan.Length, pinned: true);
        try
        {
            return TypedPassword.TryCreate(scratch.AsSpan(0, reader.CopyString(scratch)), out password);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scratch);
        }
    }

    private static string TextOf(PasswordFault fault) => fault switch
    {
        PasswordFault.Empty => "password is empty",
        PasswordFault.ContainsNul => "password contains U+0000",
        PasswordFault.TooLong => $"password is longer than {TypedPassword.MaxBytes} bytes of UTF-8",
        _ => "password is not Unicode text",
    };
}
