namespace Passthrough.Decisions.Operator;

/// <summary>What a browser says of a request by itself. No script can change these headers; other programs do not send them.</summary>
/// <param name="Host">The header, with its port.</param>
/// <param name="Origin">Of the page that asks; null: the header is not there.</param>
/// <param name="FetchSite">How that page's site relates to this one (<c>Sec-Fetch-Site</c>); null: the header is not there.</param>
public sealed record BrowserRequest(string Scheme, string Host, string? Origin, string? FetchSite);

/// <summary>Keeps pages of other sites, which an operator has open too, from reaching an operators' door by his browser.</summary>
public static class BrowserGate
{
    private static readonly string[] ThisMachine = ["localhost", "127.0.0.1", "[::1]"];

    /// <param name="isDashboard">False: it is for a command, which no page has.</param>
    /// <param name="isLocal">The door is a file of this machine that somebody may have forwarded to his own: it has no name. A page whose name
    /// was made to lead to it (DNS rebinding) gives itself away by that name.</param>
    /// <returns>Why it is refused, for people; null: it is not.</returns>
    public static string? Refusal(BrowserRequest request, bool isDashboard, bool isLocal) =>
        request.FetchSite is not (null or "same-origin" or "none") ? "another site led here: type the address, or use a bookmark"
        : request.Origin is { } origin && origin != $"{request.Scheme}://{request.Host}" ? "a page of another site asks"
        : !isDashboard && (request.Origin ?? request.FetchSite) is not null ? "commands are for pbm"
        : isLocal && !ThisMachine.Contains(WithoutPort(request.Host), StringComparer.OrdinalIgnoreCase) ? "the address must begin with http://127.0.0.1 or http://localhost"
        : null;

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }
}
