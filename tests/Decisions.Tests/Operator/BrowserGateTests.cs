using Passthrough.Decisions.Operator;

namespace Passthrough.Decisions.Tests.Operator;

public class BrowserGateTests
{
    [Theory]
    [InlineData("localhost:9110", null, null, null)]
    [InlineData("LOCALHOST", null, "none", null)]
    [InlineData("127.0.0.1:9110", "http://127.0.0.1:9110", "same-origin", null)]
    [InlineData("[::1]:9110", null, "same-origin", null)]
    [InlineData("[::1]", null, null, null)]
    [InlineData("evil.example:9110", null, "none", "the address must begin")]
    [InlineData("evil.example:9110", "http://evil.example:9110", "same-origin", "the address must begin")]
    [InlineData("localhost.evil.example", null, null, "the address must begin")]
    [InlineData("127.0.0.1.evil.example:9110", null, null, "the address must begin")]
    [InlineData("evil.example:127.0.0.1", null, null, "the address must begin")]
    [InlineData("10.0.0.1:9110", null, null, "the address must begin")]
    [InlineData("", null, null, "the address must begin")]
    [InlineData("127.0.0.1:9110", "https://evil.example", "cross-site", "another site")]
    [InlineData("127.0.0.1:9110", null, "cross-site", "another site")]
    [InlineData("127.0.0.1:9110", null, "same-site", "another site")]
    [InlineData("127.0.0.1:9110", null, "whatever comes next", "another site")]
    [InlineData("127.0.0.1:9110", "null", null, "a page of another site")]
    [InlineData("127.0.0.1:9110", "http://127.0.0.1:8080", null, "a page of another site")]
    [InlineData("127.0.0.1:9110", "https://127.0.0.1:9110", null, "a page of another site")]
    public void The_local_door_is_for_pages_of_its_own_and_under_names_of_this_machine(string host, string? origin, string? site, string? refusal) =>
        Expect(refusal, BrowserGate.Refusal(new BrowserRequest("http", host, origin, site), isDashboard: true, isLocal: true));

    [Theory]
    [InlineData("agent-1.example:9110", null, "none", true, null)]
    [InlineData("agent-1.example:9110", "https://agent-1.example:9110", "same-origin", true, null)]
    [InlineData("agent-1.example:9110", null, "cross-site", true, "another site")]
    [InlineData("agent-1.example:9110", null, null, false, null)]
    [InlineData("agent-1.example:9110", null, "same-origin", false, "commands are for pbm")]
    [InlineData("agent-1.example:9110", "https://agent-1.example:9110", null, false, "commands are for pbm")]
    [InlineData("agent-1.example:9110", "https://evil.example", "cross-site", false, "another site")]
    public void At_the_port_no_page_reaches_a_command(string host, string? origin, string? site, bool isDashboard, string? refusal) =>
        Expect(refusal, BrowserGate.Refusal(new BrowserRequest("https", host, origin, site), isDashboard, isLocal: false));

    private static void Expect(string? refusal, string? told)
    {
        if (refusal is null)
        {
            Assert.Null(told);
        }
        else
        {
            Assert.StartsWith(refusal, told, StringComparison.Ordinal);
        }
    }
}
