using System.Text;
using CsCheck;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Decisions.Tests.Audit;

/// <summary>Records as tables have them.</summary>
public sealed class AuditRowTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 9, 0, 0, 123, TimeSpan.Zero);

    private readonly AuditForm _form = new(name => $"~{name}");

    public void Dispose() => _form.Dispose();

    [Fact]
    public void An_attempt() => Assert.Equal(
        new AuditRow(
            At, "sign-in", "BadPassword, Windows 1326, AADSTS50126", Verdict.BadPassword, "~anna@corp.example object ~00000000000000000000000000000000",
            "~192.0.2.0/24", "via page, agent-1, dc1", "0193a1b2c3d47e5f8a9b0c1d2e3f4a5b"),
        Row(new AuditEntry.SignIn(At, new AttemptId(Guid.Parse("0193a1b2c3d47e5f8a9b0c1d2e3f4a5b")), Verdict.BadPassword)
        {
            Account = "anna@corp.example",
            ObjectGuid = Guid.Empty,
            Source = "192.0.2.0/24",
            Via = "page",
            AgentName = "agent-1",
            DomainController = "dc1",
        }));

    [Fact]
    public void An_attempt_without_a_verdict_says_why() => Assert.Equal(
        new AuditRow(At, "sign-in", "Busy", null, "", "", "", ""), Row(new AuditEntry.SignIn(At, null, null) { Ending = "Busy" }));

    [Fact]
    public void An_act_says_who_and_why() => Assert.Equal(
        new AuditRow(At, "account unlock, because: asked", "done", null, "~anna", "", "root", ""),
        Row(new AuditEntry.Act(At, "root", "account unlock", "done") { Account = "anna", Reason = "asked" }));

    [Fact]
    public void Every_verdict_is_read_again() => Assert.All(
        VerdictTable.Rows, row => Assert.Equal(row.Verdict, Row(new AuditEntry.SignIn(At, null, row.Verdict)).Verdict));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"at":"yesterday","verdict":"NoSuch","verdict":"Success"}""")]
    public void What_is_no_record_of_ours_says_little(string json)
    {
        var row = AuditRow.Of(Encoding.UTF8.GetBytes(json));
        Assert.Equal((null, "sign-in", null), (row.At, row.What, row.Verdict));
    }

    [Fact]
    public void Nothing_throws() => Gen.Byte.Array[0, 200].Sample(bytes => _ = AuditRow.Of(bytes));

    private AuditRow Row(AuditEntry entry) => AuditRow.Of(_form.Write(1, entry));
}
