using System.Net;

namespace Passthrough.Gateway.Hosting;

/// <summary>Whether the gateway's own page answers, asked over the network as a browser asks it, on one connection that stays open.</summary>
/// <param name="address">That is listened on; empty: all of the machine.</param>
internal sealed class SelfCheck(string address, int port) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        // Nothing secret is asked or told; whose certificate a site gave the page is not this check's.
        SslOptions = { RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null },
    });

    private readonly Uri _live = new UriBuilder("https", Host(address), port, "/health/live").Uri;

    /// <exception cref="HttpRequestException">It does not answer, or not well.</exception>
    public async Task AnswersAsync(CancellationToken cancel)
    {
        using var reply = await _client.GetAsync(_live, cancel);
        reply.EnsureSuccessStatusCode();
    }

    public void Dispose() => _client.Dispose();

    private static string Host(string address) =>
        !IPAddress.TryParse(address, out var listened) || listened.Equals(IPAddress.Any) || listened.Equals(IPAddress.IPv6Any)
            ? IPAddress.Loopback.ToString()
            : listened.ToString();
}
