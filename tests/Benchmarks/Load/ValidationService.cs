using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Passthrough.Benchmarks.Load;

/// <summary>The gateway's endpoint for services.</summary>
/// <param name="timeout">Of one request.</param>
internal sealed class ValidationService(HttpMessageInvoker http, Uri endpoint, string apiKey, TimeSpan timeout)
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private readonly AuthenticationHeaderValue _authorization = new("Bearer", apiKey);

    /// <summary>What the gateway said, or why there is no verdict. Names and passwords hold nothing that JSON would escape.</summary>
    public async ValueTask<(Reply? Reply, string? Fault)> ValidateAsync(string userName, string password, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"userName":"{{userName}}","password":"{{password}}"}""")),
            };
            request.Content.Headers.ContentType = JsonType;
            request.Headers.Authorization = _authorization;
            using var response = await http.SendAsync(request, deadline.Token);
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
            {
                return (null, $"HTTP {(int)response.StatusCode}");
            }

            var reply = await response.Content.ReadFromJsonAsync(ReplyJson.Default.Reply, deadline.Token);
            return (reply, reply is null ? "an empty reply" : null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, CheckAnswer.TimedOut.Said);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException)
        {
            return (null, fault.Message);
        }
    }
}
