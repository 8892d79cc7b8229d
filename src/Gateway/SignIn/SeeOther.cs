namespace Passthrough.Gateway.SignIn;

/// <summary>303 (RFC 9110 15.4.4): go on with a GET. The target is always a path of our own, written in the code.</summary>
internal sealed class SeeOther(string path) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = path;
        return Task.CompletedTask;
    }
}
