using Passthrough.Decisions.Attempts;
using Passthrough.Directories;

namespace Passthrough.Lab.Tests.Directories;

[Trait("needs", "lab"), Collection("lab")]
public sealed class VerdictTests : IDisposable
{
    private readonly DirectoryLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("corp.example", DirectoryLab.Dc1), InlineData("corp.example", DirectoryLab.Dc2)]
    [InlineData("fabrikam.test", DirectoryLab.Fab1)]
    public async Task Everybody_gets_the_verdict_that_the_table_names(string forest, string controller)
    {
        await using var directory = DirectoryLab.Open(_lab.Options(forest, controller));
        Assert.Null((await directory.CheckAsync(DirectoryLab.In(30))).Fault);
        var wrong = new List<string>();
        foreach (var person in LabPeople.All.Where(each => each.Domain == forest && each.Password != "-" && each.State != "load"))
        {
            var found = await FindAsync(directory, person.Name);
            using var password = DirectoryLab.Password(person.Password);
            var reply = await directory.BindAsync(found.Account, password, DirectoryLab.In(20));
            if (reply.Verdict != person.Verdict || reply.DomainController != controller || !reply.MayHaveBeenSent)
            {
                wrong.Add($"{person.Name}: {reply}, should be {person.Verdict}");
            }
        }

        Assert.Empty(wrong);
    }

    private static async Task<LookupReply.Found> FindAsync(ForestDirectory directory, string name) =>
        Assert.IsType<LookupReply.Found>(await directory.FindAccountAsync(TypedName.TryParse(name)!, DirectoryLab.In(20)));
}
