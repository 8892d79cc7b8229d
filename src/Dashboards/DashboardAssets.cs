using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Builder;

namespace Passthrough.Dashboards;

/// <summary>The script, the style sheet and the mark, carried in the program itself. A browser keeps them and asks each time whether
/// they are still the same: after an update of the program it must not run an old script.</summary>
internal static class DashboardAssets
{
    private static readonly (string Name, string Type)[] All =
    [
        ("dashboard.js", "text/javascript; charset=utf-8"), ("dashboard.css", "text/css; charset=utf-8"), ("dashboard.svg", "image/svg+xml"),
    ];

    public static void Map(IEndpointRouteBuilder routes, string root)
    {
        foreach (var (name, type) in All)
        {
            var content = Load(name);
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"";
            routes.MapMethods($"{root}/{name}", DashboardEndpoints.Reading, context => SendAsync(context, content, type, tag));
        }
    }

    private static async Task SendAsync(HttpContext context, byte[] content, string type, string tag)
    {
        var headers = context.Response.Headers;
        (headers.ETag, headers.CacheControl) = (tag, "no-cache");
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        (context.Response.ContentType, context.Response.ContentLength) = (type, content.Length);
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static byte[] Load(string name)
    {
        using var resource = typeof(DashboardAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program was built without {name}");
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        return copy.ToArray();
    }
}
