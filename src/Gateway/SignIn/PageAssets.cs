using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Passthrough.Gateway.SignIn;

/// <summary>The style sheets and the mark, carried in the program itself. Their addresses change with their content, so a
/// browser may keep them for ever.</summary>
internal static class PageAssets
{
    /// <summary>RFC 9110 9.1: what can be got can be asked for without its body.</summary>
    public static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    private static readonly byte[] Style = Load("sign-in.css");
    private static readonly byte[] SearchStyle = Load("search.css");
    private static readonly byte[] Mark = Load("mark.svg");

    public static string StyleAddress { get; } = AddressOf("sign-in.css", Style);

    /// <summary>Of the tenant page's search.</summary>
    public static string SearchStyleAddress { get; } = AddressOf("search.css", SearchStyle);

    public static string MarkAddress { get; } = AddressOf("mark.svg", Mark);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(StyleAddress, Reading, (HttpContext context) => Keep(context, Style, "text/css; charset=utf-8"));
        routes.MapMethods(SearchStyleAddress, Reading, (HttpContext context) => Keep(context, SearchStyle, "text/css; charset=utf-8"));
        routes.MapMethods(MarkAddress, Reading, (HttpContext context) => Keep(context, Mark, "image/svg+xml"));
    }

    private static FileContentHttpResult Keep(HttpContext context, byte[] content, string type)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(content, type);
    }

    private static string AddressOf(string name, byte[] content) =>
        $"/assets/{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}/{name}";

    private static byte[] Load(string name)
    {
        using var resource = typeof(PageAssets).Assembly.GetManifestResourceStream($"SignIn/{name}")
            ?? throw new InvalidOperationException($"The program was built without SignIn/Assets/{name}");
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        return copy.ToArray();
    }
}
