using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary><c>audit verify|search|export|erase</c>, the same in every program that has a log.</summary>
/// <param name="place">By the configuration that the command line names.</param>
/// <param name="guard">Prints an <see cref="AuditFaultException"/> and gives its exit code.</param>
/// <param name="by">Who runs the command, as the log names them.</param>
/// <param name="json">Has a search print records as they are, and the others one object; the caller adds it.</param>
public sealed class AuditCommands(
    Func<ParseResult, AuditPlace> place, Func<Func<Task<int>>, Task<int>> guard, string by, Option<bool> json, TimeProvider clock,
    TextWriter output, TextWriter error)
{
    private readonly Option<string?> _head = new("--head")
    {
        Description = "A head that was noted before, NUMBER:HASH, or a file that holds it: the log must still have it.",
    };

    private readonly Option<string?> _id = new("--id") { Description = "A request id, as the sign-in page and the API show it." };

    private readonly Option<string?> _account = new("--account")
    {
        Description = "A name as it was typed, the account's objectGUID, or a pseudonym. A name is found under its pseudonym too.",
    };

    private readonly Option<string?> _verdict = new("--verdict") { Description = "As BadPassword; docs/VERDICTS.md lists them." };

    private readonly Option<TimeSpan?> _since = Time("--since", "How far back: 5s, 5m, 1h, 1d.");

    private readonly Option<TimeSpan?> _until = Time("--until", "And up to how long ago.");

    private readonly Option<int> _limit = new("--limit")
    {
        Description = $"How many records at most, the newest of those that match. 1 to {AuditSearch.MostShown}.",
        DefaultValueFactory = _ => 100,
    };

    private readonly Argument<string[]> _names = new("NAME")
    {
        Description = "A name as it was typed, an objectGUID, or a network: each is a key of its own.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _reason = ReasonOption.Create(isRequired: true);

    public Command Create()
    {
        _limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > AuditSearch.MostShown)
            {
                result.AddError($"--limit must be 1 to {AuditSearch.MostShown}");
            }
        });
        var verify = new Command("verify", "Check that no record was changed, removed or reordered. Exit code 61: one was.") { _head };
        verify.SetAction((parsed, cancel) => RunAsync(() => VerifyAsync(parsed, cancel)));
        var search = new Command("search", "Show the newest records that match. Exit code 1: none does.")
        {
            _id, _account, _verdict, _since, _until, _limit,
        };
        search.SetAction((parsed, cancel) => RunAsync(() => SearchAsync(parsed, cancel)));
        var export = new Command("export", "Write records as JSON, one a line, to standard output.") { _since, _until };
        export.SetAction((parsed, cancel) => RunAsync(() => ExportAsync(parsed, cancel)));
        var erase = new Command("erase", "Destroy the keys of names: nobody can tell any more whose the records under their pseudonyms are.")
        {
            _names, _reason,
        };
        erase.SetAction((parsed, cancel) => RunAsync(() => EraseAsync(parsed, cancel)));
        return new Command("audit", "The audit and sign-in log.") { verify, search, export, erase };
    }

    private Task<int> RunAsync(Func<Task<int>> command) => guard(async () =>
    {
        try
        {
            return await command();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditFaultException($"the audit log or its keys cannot be used: {e.Message}", cause: e);
        }
    });

    private async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancel)
    {
        var where = place(parsed);
        var noted = parsed.GetValue(_head) is { } text ? new[] { ReadHead(text) } : [];
        var report = await AuditReader.VerifyAsync(where, noted, clock, cancel);
        if (report.Fault is { } fault)
        {
            throw new AuditFaultException(
                $"the audit log in {where.Folder} is not what was written: {fault}; keep the files as they are, and compare with a backup", isBroken: true);
        }

        if (parsed.GetValue(json))
        {
            await output.WriteLineAsync(new JsonObject
            {
                ["folder"] = where.Folder,
                ["first"] = report.First,
                ["last"] = report.Last.Number,
                ["head"] = report.SignedTo?.ToString(),
                ["notes"] = new JsonArray([.. report.Notes.Select(note => JsonValue.Create(note))]),
            }.ToJsonString());
            return 0;
        }

        await output.WriteLineAsync(report.Last.Number == 0
            ? $"{where.Folder}: nothing is recorded"
            : $"{where.Folder}: records {report.First} to {report.Last.Number} are as they were written");
        if (report.SignedTo is { } head)
        {
            await output.WriteLineAsync($"last signed head: {head} (noted elsewhere, it proves with --head later that the log up to there is the same)");
        }

        foreach (var note in report.Notes)
        {
            await output.WriteLineAsync($"note: {note}");
        }

        return 0;
    }

    private async Task<int> SearchAsync(ParseResult parsed, CancellationToken cancel)
    {
        var where = place(parsed);

        // Until now if nothing else is said: the search itself is a record too, and of no interest to it.
        var asked = new AuditQuestion(
            parsed.GetValue(_id), parsed.GetValue(_account), parsed.GetValue(_verdict), Ago(parsed, _since), Ago(parsed, _until) ?? clock.GetUtcNow());
        await LookAsync(where, AuditSearch.Act(clock.GetUtcNow(), by, "audit search", asked), cancel);
        var found = await new AuditSearch(where, clock).RunAsync(asked, parsed.GetValue(_limit), TimeSpan.MaxValue, cancel);
        foreach (var record in found.Records.Reverse())
        {
            await output.WriteLineAsync(parsed.GetValue(json) ? Encoding.UTF8.GetString(record) : AuditText.Line(record));
        }

        if (found.Next is not null)
        {
            await error.WriteLineAsync("older records match too: narrow the search, or raise --limit");
        }

        return found.Records.Count > 0 ? 0 : 1;
    }

    private async Task<int> ExportAsync(ParseResult parsed, CancellationToken cancel)
    {
        var where = place(parsed);
        var query = new AuditQuery(Since: Ago(parsed, _since), Until: Ago(parsed, _until) ?? clock.GetUtcNow());
        await LookAsync(where, new AuditEntry.Act(clock.GetUtcNow(), by, "audit export", "done"), cancel);
        await foreach (var record in AuditReader.FindAsync(where, query, clock, cancel))
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(record.Span));
        }

        return 0;
    }

    private async Task<int> EraseAsync(ParseResult parsed, CancellationToken cancel)
    {
        var where = place(parsed);
        var names = parsed.GetRequiredValue(_names);
        if (!where.Options.Pseudonyms)
        {
            throw new AuditFaultException("the configuration keeps names as they are (Audit:Pseudonyms is false): none has a key that could be destroyed");
        }

        using (await where.LockAsync(clock, cancel))
        {
            AuditKeys.Keep(where, names.Aggregate(AuditKeys.Names(where), (keys, name) => keys.Erase(AuditSearch.Plain(name), AuditKeys.Secret())));
        }

        // Who was erased is not recorded: that would tell it again.
        await AuditLog.AppendAsync(
            where, new AuditEntry.Act(clock.GetUtcNow(), by, $"audit erase of {names.Length} names", "done") { Reason = parsed.GetRequiredValue(_reason) },
            clock, cancel);
        await output.WriteLineAsync(parsed.GetValue(json)
            ? new JsonObject { ["erased"] = names.Length, ["keys"] = where.NamesFile }.ToJsonString()
            : $"The keys of {names.Length} names are destroyed. Records stay and verify as before; backups of {where.NamesFile} still hold the keys.");
        return 0;
    }

    /// <summary>Who looks at people's sign-ins is recorded. A disk that is full keeps nobody from looking.</summary>
    private async Task LookAsync(AuditPlace where, AuditEntry.Act look, CancellationToken cancel)
    {
        try
        {
            await AuditLog.AppendAsync(where, look, clock, cancel);
        }
        catch (AuditFaultException e)
        {
            await error.WriteLineAsync($"note: that somebody looks is not recorded: {e.Message}");
        }
    }

    /// <summary>Null: nothing is said.</summary>
    private DateTimeOffset? Ago(ParseResult parsed, Option<TimeSpan?> option) => clock.GetUtcNow() - parsed.GetValue(option);

    private static AuditHead ReadHead(string text) => AuditHead.TryParse(text) ?? (File.Exists(text) ? AuditHead.TryParse(File.ReadAllText(text)) : null)
        ?? throw new AuditFaultException($"'{text}' is no head: give NUMBER:HASH as verify prints it, or a file that holds it");

    private static Option<TimeSpan?> Time(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var range = TimeRange.TryParse(result.Tokens.Single().Value);
            if (range is null)
            {
                result.AddError($"{name}: '{result.Tokens.Single().Value}' is no time: write 5s, 5m, 1h or 1d");
            }

            return range;
        },
    };
}
