using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Audit;

/// <summary>A record of the log as people read it in a table: an attempt, or what somebody did. A text is empty where the record says nothing.</summary>
/// <param name="At">When it was written down; null if it does not say.</param>
/// <param name="What">"sign-in"; or what was done, and because of what.</param>
/// <param name="Result">The verdict, or why there was none, with its codes; or how the act ended.</param>
/// <param name="Verdict">Null: it is none, or one that this version does not know.</param>
/// <param name="Account">With the object that it was known to be.</param>
/// <param name="Source">Where an attempt came from.</param>
/// <param name="By">Who did it; of an attempt, who answered: the way in, the agent, the domain controller.</param>
/// <param name="Id">The request's; empty for an act.</param>
public sealed record AuditRow(
    DateTimeOffset? At, string What, string Result, Verdict? Verdict, string Account, string Source, string By, string Id)
{
    /// <summary>Of a record's JSON. What is not as a writer makes it says nothing; nothing throws.</summary>
    public static AuditRow Of(ReadOnlySpan<byte> json)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in AuditFields.All(json))
        {
            fields.TryAdd(name, text);
        }

        string Field(string name) => fields.GetValueOrDefault(name, "");
        string With(string before, string name) => Field(name) is { Length: > 0 } text ? before + text : "";
        var at = AuditFields.Instant(Field("at"));
        return Field("kind") == "act"
            ? new AuditRow(at, Field("what") + With(", because: ", "reason"), Field("result"), null, Field("account"), "", Field("by"), "")
            : new AuditRow(
                at, "sign-in", List(Field("verdict") + Field("ending"), With("Windows ", "windows"), With("AADSTS", "aadsts")),
                VerdictTable.Rows.FirstOrDefault(row => row.Verdict.ToString() == Field("verdict"))?.Verdict, Field("account") + With(" object ", "object"),
                Field("source"), List(With("via ", "via"), Field("agentName"), Field("dc")), Field("id"));
    }

    private static string List(params IEnumerable<string> texts) => string.Join(", ", texts.Where(text => text.Length > 0));
}
