using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Steering;

/// <summary>What <c>ops/lab/lab env</c> says.</summary>
internal sealed record LabSettings(string CaFile, string AgentNamespace, string ServicePassword, string Controllers)
{
    public static LabSettings Read()
    {
        var service = File.ReadLines(Variable("LAB_USERS")).Select(line => line.Split('\t'))
            .First(cells => cells is ["corp.example", "svc-ldap", _, _, _, ..]);
        return new(Variable("LAB_CA"), Variable("LAB_AGENT_NAMESPACE"), service[4], Variable("LAB_DCS"));
    }

    public string AddressOf(string controller) =>
        Controllers.Split(' ').Select(pair => pair.Split('=')).First(pair => pair[0] == controller)[1];

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new BenchmarkFault($"{name} is not set: eval \"$(ops/lab/lab env)\" and run by ops/lab/lab exec agent");
}
