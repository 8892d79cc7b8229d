using System.Buffers;
using System.Text.Json;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Audit;

/// <summary>Writes entries as the JSON of their line, always in the same order. docs/AUDIT.md lists the fields. Not for several
/// threads.</summary>
/// <param name="hide">Replaces a person's name, and a network, by a pseudonym; or gives it back as it is.</param>
public sealed class AuditForm(Func<string, string> hide) : IDisposable
{
    /// <summary>A longer text is cut: nobody makes the log grow by what is typed.</summary>
    public const int MaxText = 512;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });

    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Write(long number, AuditEntry entry)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteNumber("n"u8, number);
        _json.WriteString("kind"u8, KindOf(entry));
        _json.WriteString("at"u8, entry.At.UtcDateTime);
        switch (entry)
        {
            case AuditEntry.SignIn e:
                Write(e);
                break;
            case AuditEntry.Act e:
                Text("by"u8, e.By);
                Text("what"u8, e.What);
                Text("tenant"u8, e.Tenant);
                Text("account"u8, Hidden(e.Account));
                Text("reason"u8, e.Reason);
                Text("result"u8, e.Result);
                break;
            default:
                WriteOwn(entry);
                break;
        }

        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan;
    }

    public void Dispose() => _json.Dispose();

    private static ReadOnlySpan<byte> KindOf(AuditEntry entry) => entry switch
    {
        AuditEntry.SignIn => "signIn"u8,
        AuditEntry.Act => "act"u8,
        AuditEntry.SegmentBegun => AuditKinds.SegmentBegun,
        AuditEntry.RunOpened => AuditKinds.RunOpened,
        AuditEntry.RunClosed => AuditKinds.RunClosed,
        AuditEntry.Gap => AuditKinds.Gap,
        AuditEntry.Repaired => AuditKinds.Repaired,
        AuditEntry.Retired => AuditKinds.Retired,
        AuditEntry.Head => AuditKinds.Head,
        _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.GetType().Name, "unknown entry"),
    };

    private void Write(AuditEntry.SignIn e)
    {
        Text("id"u8, e.Id?.ToString());
        if (e.Verdict is { } verdict)
        {
            var row = verdict.Row();
            _json.WriteString("verdict"u8, verdict.ToString());
            Number("windows"u8, row.Windows);
            Number("kerberos"u8, row.Kerberos);
            Number("aadsts"u8, row.Aadsts);
        }

        Text("ending"u8, e.Ending);
        Text("tenant"u8, e.Tenant);
        Text("account"u8, Hidden(e.Account));
        Text("object"u8, Hidden(e.ObjectGuid?.ToString("n")));
        Text("source"u8, Hidden(e.Source));
        Text("via"u8, e.Via);
        Text("agent"u8, e.Agent);
        Text("agentName"u8, e.AgentName);
        Text("forest"u8, e.Forest);
        Text("dc"u8, e.DomainController);
        Text("route"u8, e.Route);
        Number("permit"u8, e.Permit == 0 ? null : (long)e.Permit);
        Number("dispatches"u8, e.Dispatches == 0 ? null : e.Dispatches);
        var times = e.Times;
        Time("queueUs"u8, times.Queue);
        Time("lookupUs"u8, times.Lookup);
        Time("permitUs"u8, times.Permit);
        Time("unsealUs"u8, times.Unseal);
        Time("bindUs"u8, times.Bind);
        Time("agentUs"u8, times.Agent);
        Time("totalUs"u8, times.Total);
    }

    /// <summary>What the log says of itself.</summary>
    private void WriteOwn(AuditEntry entry)
    {
        switch (entry)
        {
            case AuditEntry.SegmentBegun e:
                _json.WriteString("log"u8, e.Log.ToString("n"));
                _json.WriteString("after"u8, e.After);
                break;
            case AuditEntry.RunOpened e:
                Text("program"u8, e.Program);
                Text("run"u8, e.Run);
                break;
            case AuditEntry.RunClosed e:
                Text("run"u8, e.Run);
                break;
            case AuditEntry.Gap e:
                _json.WriteNumber("lost"u8, e.Lost);
                _json.WriteString("since"u8, e.Since.UtcDateTime);
                Text("why"u8, e.Why);
                break;
            case AuditEntry.Repaired e:
                Text("what"u8, e.What);
                Text("file"u8, e.File);
                _json.WriteNumber("offset"u8, e.Offset);
                _json.WriteNumber("bytes"u8, e.Bytes);
                Text("digest"u8, e.Digest);
                break;
            case AuditEntry.Retired e:
                Text("upTo"u8, e.UpTo.ToString());
                _json.WriteNumber("files"u8, e.Files);
                _json.WriteString("signature"u8, e.Signature);
                break;
            case AuditEntry.Head e:
                Text("of"u8, e.Of.ToString());
                Text("key"u8, e.Key);
                _json.WriteString("signature"u8, e.Signature);
                break;
        }
    }

    private string? Hidden(string? text) => string.IsNullOrEmpty(text) ? null : hide(text);

    private void Text(ReadOnlySpan<byte> name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _json.WriteString(name, text.AsSpan(0, Math.Min(text.Length, MaxText)));
        }
    }

    private void Number(ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } known)
        {
            _json.WriteNumber(name, known);
        }
    }

    private void Time(ReadOnlySpan<byte> name, long microseconds) => Number(name, microseconds == 0 ? null : microseconds);
}

/// <summary>The kinds of record that checking a log looks at.</summary>
internal static class AuditKinds
{
    public static ReadOnlySpan<byte> SegmentBegun => "segment"u8;

    public static ReadOnlySpan<byte> RunOpened => "opened"u8;

    public static ReadOnlySpan<byte> RunClosed => "closed"u8;

    public static ReadOnlySpan<byte> Gap => "gap"u8;

    public static ReadOnlySpan<byte> Repaired => "repaired"u8;

    public static ReadOnlySpan<byte> Retired => "retired"u8;

    public static ReadOnlySpan<byte> Head => "head"u8;
}
