using System.Text;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Decisions.Tests.Audit;

public sealed class AuditFormTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 10, 0, 0, 123, TimeSpan.FromHours(1));

    private readonly AuditForm _form = new(name => $"<{name}>");

    public void Dispose() => _form.Dispose();

    [Fact]
    public void A_sign_in_is_one_flat_object_in_one_order() => Assert.Equal(
        """{"n":7,"kind":"signIn","at":"2026-11-23T09:00:00.123Z","id":"0193a1b2c3d47e5f8a9b0c1d2e3f4a5b","verdict":"BadPassword","windows":1326,"kerberos":24,"aadsts":50126,"tenant":"contoso","account":"\u003Canna@corp.example\u003E","object":"\u003C00000000000000000000000000000000\u003E","source":"\u003C192.0.2.0/24\u003E","via":"page","agent":"a1","agentName":"agent-1","forest":"corp.example","dc":"dc1","route":"corp.example","permit":12,"dispatches":1,"queueUs":1,"lookupUs":2,"permitUs":3,"unsealUs":4,"bindUs":5,"agentUs":6,"totalUs":7}""",
        Write(7, new AuditEntry.SignIn(At, new AttemptId(Guid.Parse("0193a1b2c3d47e5f8a9b0c1d2e3f4a5b")), Verdict.BadPassword)
        {
            Tenant = "contoso",
            Account = "anna@corp.example",
            ObjectGuid = Guid.Empty,
            Source = "192.0.2.0/24",
            Via = "page",
            Agent = "a1",
            AgentName = "agent-1",
            Forest = "corp.example",
            DomainController = "dc1",
            Route = "corp.example",
            Permit = 12,
            Dispatches = 1,
            Times = new SignInTimes(1, 2, 3, 4, 5, 6, 7),
        }));

    [Fact]
    public void What_is_not_known_is_not_there() => Assert.Equal(
        """{"n":1,"kind":"signIn","at":"2026-11-23T09:00:00.123Z","ending":"abandoned"}""",
        Write(1, new AuditEntry.SignIn(At, null, null) { Ending = "abandoned", Account = "" }));

    [Fact]
    public void An_act_names_who_and_why() => Assert.Equal(
        """{"n":2,"kind":"act","at":"2026-11-23T09:00:00.123Z","by":"root","what":"account unlock","account":"\u003Canna\u003E","reason":"asked","result":"done"}""",
        Write(2, new AuditEntry.Act(At, "root", "account unlock", "done") { Account = "anna", Reason = "asked" }));

    [Fact]
    public void A_text_stays_on_its_line_and_is_cut_where_it_is_long()
    {
        var text = Write(3, new AuditEntry.Act(At, "a\r\nb\u001b[31m", new string('x', 5000), "\ud800"));
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain('\u001b', text);
        Assert.True(text.Length < 700);
        Assert.Equal("a\r\nb\u001b[31m", AuditFields.Text(Encoding.UTF8.GetBytes(text), "by"));
    }

    [Fact]
    public void Every_verdict_has_its_codes() => Assert.All(VerdictTable.Rows, row =>
    {
        var json = Encoding.UTF8.GetBytes(Write(1, new AuditEntry.SignIn(At, null, row.Verdict)));
        Assert.Equal(row.Verdict.ToString(), AuditFields.Text(json, "verdict"));
        Assert.Equal(row.Windows?.ToString(null, null), AuditFields.Text(json, "windows"));
        Assert.Equal(row.Aadsts?.ToString(null, null), AuditFields.Text(json, "aadsts"));
    });

    [Fact]
    public void A_query_matches_what_it_asks_and_nothing_else()
    {
        var id = Guid.CreateVersion7();
        var json = Encoding.UTF8.GetBytes(Write(9, new AuditEntry.SignIn(At, new AttemptId(id), Verdict.BadPassword) { Account = "anna", ObjectGuid = id }));
        Assert.True(new AuditQuery().Matches(json));
        Assert.True(new AuditQuery(id.ToString("n"), ["x", "<anna>"], "BadPassword", At, At).Matches(json));
        Assert.True(new AuditQuery(Accounts: [$"<{id:n}>"]).Matches(json));
        Assert.False(new AuditQuery(Accounts: ["anna"]).Matches(json));
        Assert.False(new AuditQuery(Verdict: "Success").Matches(json));
        Assert.False(new AuditQuery(Guid.CreateVersion7().ToString("n")).Matches(json));
        Assert.False(new AuditQuery(Since: At.AddTicks(1)).Matches(json));
        Assert.False(new AuditQuery(Until: At.AddTicks(-1)).Matches(json));
        Assert.True(new AuditQuery(Before: 10).Matches(json));
        Assert.False(new AuditQuery(Before: 9).Matches(json));
        Assert.False(new AuditQuery(Tenant: "acme").Matches(json));
        var acme = Encoding.UTF8.GetBytes(Write(9, new AuditEntry.Act(At, "acme", "x", "done") { Tenant = "acme" }));
        Assert.True(new AuditQuery(Tenant: "acme").Matches(acme));
        Assert.False(new AuditQuery(Tenant: "acm").Matches(acme));
        Assert.False(new AuditQuery(Tenant: "done").Matches(acme));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(29, 0)]
    [InlineData(31, 1)]
    [InlineData(32, 2)]
    [InlineData(400, 2)]
    public void A_file_goes_when_the_one_after_it_is_old_enough_and_the_newest_stays(int days, int over) => Assert.Equal(
        over, AuditRetention.CountOver([At, At.AddDays(1), At.AddDays(2)], At.AddDays(days), TimeSpan.FromDays(30)));

    [Fact]
    public void A_file_that_does_not_say_when_it_began_stays() => Assert.Equal(
        1, AuditRetention.CountOver([At, At, null, At], At.AddDays(99), TimeSpan.FromDays(30)));

    private string Write(long number, AuditEntry entry) => Encoding.UTF8.GetString(_form.Write(number, entry));
}
