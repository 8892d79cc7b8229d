using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Operator;
using Passthrough.Agent.Operator.Commands;
using Passthrough.Decisions.Operator;
using static Passthrough.Agent.Operator.OperatorProtocol;
using Passthrough.Agent.Tests.Support;
using Passthrough.Audit;
using Passthrough.Decisions.Audit;

namespace Passthrough.Agent.Tests.Attempts;

/// <summary>What an agent's log says of attempts and operators.</summary>
public sealed class AttemptAuditTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("passthrough-audit-");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task Each_attempt_is_one_record_with_its_circumstances_and_without_its_password()
    {
        Guid account;
        await using (var audit = Open())
        using (var rig = new WorkerRig(audit))
        {
            account = rig.Account;
            using var wrong = rig.Seal("Canary-71!kestrel");
            await rig.RunAsync(wrong);

            // The same once more is answered from memory, and is the same attempt.
            await rig.RunAsync(rig.MessageOf(wrong));
            using var elsewhere = rig.Seal(forest: "fabrikam.test");
            await rig.RunAsync(elsewhere);
        }

        var records = Records("signIn");
        Assert.Equal(2, records.Count);
        var fields = AuditFields.All(records[0]).ToDictionary(field => field.Name, field => field.Text);
        Assert.Equal(
            ("BadPassword", "1326", "50126", "acme", "anna@corp.example", account.ToString("n"), "a1", "corp.example", "dc1", "dns-name corp.example", "7"),
            (fields["verdict"], fields["windows"], fields["aadsts"], fields["tenant"], fields["account"], fields["object"], fields["agent"],
                fields["forest"], fields["dc"], fields["route"], fields["permit"]));
        Assert.True(long.Parse(fields["totalUs"], null) > 0);
        Assert.Equal(("ForestNotMine", null), (AuditFields.Text(records[1], "ending"), AuditFields.Text(records[1], "verdict")));
        Assert.DoesNotContain("Canary", File.ReadAllText(Directory.GetFiles(Path.Combine(_state.FullName, "audit")).Single()), StringComparison.Ordinal);
    }

    private static readonly OperatorCaller By = new("root", OperatorRole.Operate);

    private static readonly CommandDefinition Unlock = new("account", "unlock", OperatorRole.Operate, "Ends the locks of an account.", [])
    {
        Arguments = [AccountArgument.Definition],
    };

    [Fact]
    public async Task What_an_operator_does_is_recorded_however_it_ends()
    {
        await using (var audit = Open())
        {
            var operators = new OperatorAudit(audit, TimeProvider.System, NullLogger<OperatorAudit>.Instance);
            await TellAsync(["account", "unlock", "Anna@corp.example", "--reason", "ticket"], new RanHere("a1", CommandStep.Said("unlocked")));
            await TellAsync(
                ["account", "unlock", "Bob@corp.example", "--reason", "x"], new RanHere("a1", CommandStep.Said(""), OperatorRefusal.NotFound, "no Bob"));
            operators.TellRefused(
                CommandLine.Parse([Unlock], ["account", "unlock", "Carl@corp.example", "--reason", "y"]).Line!, By with { Role = OperatorRole.Read });

            async Task TellAsync(string[] words, RanHere ran) => Assert.Same(ran, await operators.TellAsync(
                CommandLine.Parse([Unlock], words).Line!, new RunHere([.. words], By, Cursor: 0), () => Task.FromResult(ran)));
        }

        var acts = Records("act").Select(json => AuditFields.All(json).ToDictionary(field => field.Name, field => field.Text)).ToList();
        Assert.Equal(["asked", "done", "asked", "refused: NotFound", "refused: NotAllowed"], acts.Select(act => act["result"]));
        Assert.Equal(("account unlock", "carl@corp.example", "y"), (acts[4]["what"], acts[4]["account"], acts[4]["reason"]));
        Assert.Equal(
            ("root", "account unlock", "anna@corp.example", "ticket"), (acts[1]["by"], acts[1]["what"], acts[1]["account"], acts[1]["reason"]));
    }

    private List<byte[]> Records(string kind) =>
        [.. File.ReadAllLines(Directory.GetFiles(Path.Combine(_state.FullName, "audit")).Single())
            .Select(line => Encoding.UTF8.GetBytes(line[(AuditLine.HashLength + 1)..])).Where(json => AuditFields.Text(json, "kind") == kind)];

    private AuditLog Open() => AuditLog.Open(
        new AuditPlace(_state.FullName, new AuditOptions { Pseudonyms = false }), "test", TimeProvider.System, NullLogger.Instance);
}
