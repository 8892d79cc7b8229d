using System.Net;
using System.Text.RegularExpressions;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>Walks the pages as a browser without scripts does: keeps cookies, sends back the forms it was given.</summary>
internal sealed partial class Visitor(HttpClient client) : IDisposable
{
    public Visitor(SignInHost host)
        : this(host.Client())
    {
    }

    public HttpClient Client => client;

    public void Dispose() => Client.Dispose();

    public async Task<Answer> GetAsync(string path) => await Read(await Client.GetAsync(path));

    /// <summary>Both steps.</summary>
    public async Task<Answer> SignInAsync(string name, string password)
    {
        var first = await GetAsync("/");
        var second = await PostAsync("/sign-in/name", first.Token, ("name", name));
        return await PostAsync("/sign-in/password", second.Token, ("name", name), ("password", password));
    }

    public async Task<Answer> PostAsync(string path, string token, params (string Field, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(
            fields.Append(("form", token)).Select(f => KeyValuePair.Create(f.Item1, f.Item2)));
        return await Read(await Client.PostAsync(path, form));
    }

    public static async Task<Answer> Read(HttpResponseMessage response)
    {
        using (response)
        {
            return new Answer(
                response.StatusCode,
                await response.Content.ReadAsStringAsync(),
                response.Headers.Concat(response.Content.Headers)
                    .ToDictionary(h => h.Key, h => string.Join('\n', h.Value), StringComparer.OrdinalIgnoreCase));
        }
    }

    public sealed partial record Answer(HttpStatusCode Status, string Html, IReadOnlyDictionary<string, string> Headers)
    {
        public int Code => (int)Status;

        public string Location => Headers.GetValueOrDefault("Location", "");

        /// <summary>The hidden token of the page's form; empty if it has none.</summary>
        public string Token => TokenField().Match(Html).Groups["value"].Value;

        /// <summary>The page without what differs from request to request.</summary>
        public string Uniform => Time().Replace(Id().Replace(TokenField().Replace(Html, ""), "ID"), "TIME");

        public string RequestId => Id().Match(Html).Value;

        [GeneratedRegex("name=\"form\" value=\"(?<value>[^\"]+)\"")]
        private static partial Regex TokenField();

        [GeneratedRegex("(?<=<dd[^>]*>)[0-9a-f]{32}(?=</dd>)")]
        private static partial Regex Id();

        [GeneratedRegex(@"<time datetime=""[^""]+"">[^<]+</time>")]
        private static partial Regex Time();
    }
}
