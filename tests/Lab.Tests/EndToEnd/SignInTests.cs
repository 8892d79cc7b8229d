using System.Net;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>Everybody of corp.example, through gateway, stream, agent and a real domain controller.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class SignInTests
{
    private static readonly Dictionary<string, string> Unhurried = new()
    {
        // All of the people come from one address.
        ["SignIn__SourceBurst"] = "1000",
    };

    /// <summary>Whoever can be typed and routed: the suffix that both forests claim is not routed.</summary>
    private static IEnumerable<LabPerson> People => LabPeople.All.Where(person =>
        person.Domain == "corp.example" && person.Password != "-" && person.State is not ("load" or "lockable" or "administrator")
        && !person.Name.EndsWith("@shared.example", StringComparison.Ordinal));

    [Fact]
    public async Task Everybody_gets_the_verdict_of_their_state_from_the_endpoint_and_one_refusal_from_the_page()
    {
        await using var installation = await Installation.StartAsync(Unhurried);
        var faults = new List<string>();
        var refusals = new Dictionary<string, List<string>>();
        foreach (var person in People)
        {
            var validation = await installation.ValidateAsync(person.Name, person.Password);
            if (validation.Verdict != person.Verdict.ToString() || validation.Status != 200)
            {
                faults.Add($"{person.Name}: {validation}, should be {person.Verdict}");
            }

            using var visitor = new PageVisitor(installation);
            var page = await visitor.SignInAsync(person.Name, person.Password);
            var isIn = page.Status == HttpStatusCode.SeeOther && page.Shows(person.Name.Trim());
            if (isIn != (validation.Verdict == "Success"))
            {
                faults.Add($"{person.Name} at the page: {page.Status}");
            }

            if (!isIn)
            {
                Note(refusals, page, person.Name);
            }
        }

        foreach (var (name, password) in new[]
        {
            ("alice@corp.example", "wrong"), ("nobody@corp.example", "wrong"), ("alice@nowhere.example", "wrong"), (@"CORP\alice", "wrong"),
        })
        {
            using var visitor = new PageVisitor(installation);
            Note(refusals, await visitor.SignInAsync(name, password), name);
        }

        Assert.Empty(faults);
        Assert.True(refusals.Count == 1, string.Join("\n\n", refusals.Select(r => $"{string.Join(", ", r.Value)}:\n{r.Key}")));
    }

    private static void Note(Dictionary<string, List<string>> refusals, PageOutcome page, string name)
    {
        var face = $"{(int)page.Status} {page.Face(name)}";
        if (!refusals.TryGetValue(face, out var who))
        {
            refusals[face] = who = [];
        }

        who.Add(name);
    }
}
