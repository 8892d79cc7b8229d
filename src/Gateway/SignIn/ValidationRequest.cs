using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Gateway.SignIn;

/// <summary>The body of a validation: <c>{"userName": …, "password": …, "clientAddress": …}</c>, strings, each once, nothing else;
/// the address may be missing. The password goes from the bytes of the body to its pinned buffer and never becomes a string.</summary>
internal sealed class ValidationRequest : IDisposable
{
    /// <summary>Bytes of a body that is taken. The longest name and password fit, unless nearly every character is
    /// written as an escape.</summary>
    public const int MaxBytes = 4 * 1024;

    /// <summary>The longest text of an IPv6 address, with an IPv4 address at its end (RFC 4291 2.2).</summary>
    private const int MaxAddressLength = 45;

    private ValidationRequest(string userName, TypedPassword password, IPAddress? clientAddress) =>
        (UserName, Password, ClientAddress) = (userName, password, clientAddress);

    public string UserName { get; }

    public TypedPassword Password { get; }

    /// <summary>Where the person is; null if the service did not say.</summary>
    public IPAddress? ClientAddress { get; }

    public void Dispose() => Password.Dispose();

    /// <summary>Whether the body says that it is JSON in UTF-8.</summary>
    public static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase)
        && type.CharSet is null or "utf-8" or "UTF-8" or "\"utf-8\"";

    /// <summary>Null with the fault, one line that may be shown to the caller: it never holds what was in the body.</summary>
    public static ValidationRequest? Read(ReadOnlySpan<byte> body, out string fault)
    {
        var fields = new Fields();
        try
        {
            fault = ReadFields(body, fields);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is not UTF-8, or half of a surrogate pair.
            fault = "the body is not valid JSON in UTF-8";
        }

        fault = fault.Length > 0 ? fault
            : fields.UserName is null ? "userName is missing"
            : fields.Password is null ? "password is missing"
            : "";
        if (fault.Length == 0)
        {
            return new ValidationRequest(fields.UserName!, fields.Password!, fields.ClientAddress);
        }

        fields.Password?.Dispose();
        return null;
    }

    private static string ReadFields(ReadOnlySpan<byte> body, Fields fields)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 2 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return "the body is not a JSON object";
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name =
                reader.ValueTextEquals("userName"u8) ? "userName"
                : reader.ValueTextEquals("password"u8) ? "password"
                : reader.ValueTextEquals("clientAddress"u8) ? "clientAddress"
                : "";
            var fault =
                name.Length == 0 ? "the body has a property that is none of userName, password and clientAddress"
                : !fields.Seen.Add(name) ? $"{name} is given twice"
                : !reader.Read() || reader.TokenType != JsonTokenType.String ? $"{name} is not a string"
                : Take(ref reader, name, fields);
            if (fault.Length > 0)
            {
                return fault;
            }
        }

        // The object is closed; one more read throws if anything follows it.
        return reader.Read() ? "the body goes on after its object" : "";
    }

    private static string Take(ref Utf8JsonReader reader, string name, Fields fields)
    {
        switch (name)
        {
            case "password":
                return TakePassword(ref reader, out fields.Password) is var fault and not PasswordFault.None ? TextOf(fault) : "";
            case "clientAddress":
                fields.ClientAddress = AddressOf(reader.GetString()!);
                return fields.ClientAddress is null ? "clientAddress is not an IP address" : "";
            default:
                fields.UserName = reader.GetString();
                return "";
        }
    }

    /// <summary>As people write addresses: four numbers of IPv4, or IPv6 without brackets and zone. Not what else the framework takes
    /// for one, as "1" or "0x7f.1".</summary>
    private static IPAddress? AddressOf(string text) =>
        text.Length <= MaxAddressLength && text.AsSpan().IndexOfAny("%[") < 0 && IPAddress.TryParse(text, out var address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text)
            ? address
            : null;

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

    private sealed class Fields
    {
        public readonly HashSet<string> Seen = new(StringComparer.Ordinal);
        public string? UserName;
        public TypedPassword? Password;
        public IPAddress? ClientAddress;
    }
}
