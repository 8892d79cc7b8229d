using Passthrough.Decisions.Attempts;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>A row of ops/lab/users.tsv.</summary>
internal sealed record LabPerson(
    string Domain, string Account, string Name, string? Upn, string Password, string State, Verdict Verdict);

/// <summary>The people of the lab.</summary>
internal static class LabPeople
{
    public static IReadOnlyList<LabPerson> All { get; } =
    [
        .. File.ReadLines(Variable("LAB_USERS"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Skip(1)
            .Select(line => line.Split('\t'))
            .Select(cells => new LabPerson(
                cells[0], cells[1], cells[2], cells[3] == "-" ? null : cells[3], cells[4], cells[5], Enum.Parse<Verdict>(cells[6]))),
    ];

    public static LabPerson Of(string domain, string account) => All.Single(each => each.Domain == domain && each.Account == account);

    public static string Variable(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} is not set: eval \"$(ops/lab/lab env)\" and run in the lab's agent namespace");
}
