namespace Passthrough.Agent.Hosting;

internal static class AgentHost
{
    public static Task<int> RunAsync(AgentOptions options, TimeProvider clock, CancellationToken cancel) => throw new NotImplementedException();
}
