using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>A person at the sign-in page, with forms and cookies but without a browser.</summary>
internal sealed partial class PageVisitor(Installation installation) : IDisposable
{
    private readonly HttpClient _client = installation.NewClient();
    private string _passwordStep = "";

    /// <summary>Name, then password; what came of it.</summary>
    public async Task<PageOutcome> SignInAsync(string name, string password)
    {
        var first = await _client.GetStringAsync(new Uri("/", UriKind.Relative));
        using var nameReply = await PostAsync("/sign-in/name", first, ("name", name));
        var second = await nameReply.Content.ReadAsStringAsync();
        using var reply = await PostAsync("/sign-in/password", second, ("name", name), ("password", password));
        if (reply.StatusCode == HttpStatusCode.SeeOther)
        {
            return new PageOutcome(reply.StatusCode, await _client.GetStringAsync(reply.Headers.Location));
        }

        return new PageOutcome(reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    /// <summary>To the password step, whose form then serves for many tries.</summary>
    public async Task OpenAsync(string name)
    {
        using var reply = await PostAsync("/sign-in/name", await _client.GetStringAsync(new Uri("/", UriKind.Relative)), ("name", name));
        _passwordStep = await reply.Content.ReadAsStringAsync();
    }

    /// <summary>Milliseconds from the password's way to the refusal's last byte.</summary>
    public async Task<double> TimeRefusalAsync(string name, string password)
    {
        var began = Stopwatch.GetTimestamp();
        using var reply = await PostAsync("/sign-in/password", _passwordStep, ("name", name), ("password", password));
        await reply.Content.ReadAsByteArrayAsync();
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        Assert.Equal(HttpStatusCode.Forbidden, reply.StatusCode);
        return took;
    }

    public void Dispose() => _client.Dispose();

    private Task<HttpResponseMessage> PostAsync(string address, string page, params (string Key, string Value)[] fields)
    {
        var token = Token().Match(page);
        Assert.True(token.Success, page);
        var form = fields.Select(f => KeyValuePair.Create(f.Key, f.Value))
            .Append(KeyValuePair.Create(token.Groups["name"].Value, WebUtility.HtmlDecode(token.Groups["value"].Value)));
        return _client.PostAsync(new Uri(address, UriKind.Relative), new FormUrlEncodedContent(form));
    }

    [GeneratedRegex("""<input[^>]*name="(?<name>form)"[^>]*value="(?<value>[^"]+)"[^>]*>""")]
    private static partial Regex Token();
}

/// <param name="Body">The page that was shown, after a redirect the one it led to.</param>
internal sealed partial record PageOutcome(HttpStatusCode Status, string Body)
{
    /// <summary>The page as it would be for anybody: without the name that was typed, the request's id, its time and the form's
    /// token.</summary>
    public string Face(string name) => Changing().Replace(Text.Replace(name.Trim(), "NAME", StringComparison.Ordinal), "…");

    /// <summary>Whether the page shows <paramref name="text"/>, however it is encoded.</summary>
    public bool Shows(string text) => Text.Contains(text, StringComparison.Ordinal);

    private string Text => WebUtility.HtmlDecode(Body);

    [GeneratedRegex("""[0-9a-f]{32}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z| UTC)?|(?<=value=")[\w-]{40,}(?=")""")]
    private static partial Regex Changing();
}
