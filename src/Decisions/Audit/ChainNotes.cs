namespace Passthrough.Decisions.Audit;

/// <summary>Collects what a log tells of the lives of its writers, for who checks it.</summary>
internal sealed class ChainNotes
{
    /// <summary>More runs than a log has that are open at once; a hostile file does not make this grow.</summary>
    private const int MaxOpen = 1000;

    private readonly List<string> _notes = [];
    private readonly List<string> _open = [];
    private long _lost, _torn, _damaged;

    public void Add(string note) => _notes.Add(note);

    public void Take(in AuditLine line)
    {
        if (line.Kind.SequenceEqual(AuditKinds.RunOpened) && AuditFields.Text(line.Json, "run") is { } opened && _open.Count < MaxOpen)
        {
            _open.Add(opened);
        }
        else if (line.Kind.SequenceEqual(AuditKinds.RunClosed) && AuditFields.Text(line.Json, "run") is { } closed)
        {
            _open.Remove(closed);
        }
        else if (line.Kind.SequenceEqual(AuditKinds.Gap))
        {
            _lost += AuditFields.Number(line.Json, "lost");
        }
        else if (line.Kind.SequenceEqual(AuditKinds.Repaired))
        {
            (_torn, _damaged) = AuditFields.Text(line.Json, "what") == "torn" ? (_torn + 1, _damaged) : (_torn, _damaged + 1);
        }
    }

    public List<string> All(long last, AuditHead? signed)
    {
        Tell(_open.Count, "run is open: it writes now, or was killed and lost its last moment", "runs are open: one may write now, the others were killed and lost their last moment");
        Tell(_torn, "torn end was cut off after a kill", "torn ends were cut off after kills");
        Tell(_damaged, "damaged file was left behind", "damaged files were left behind");
        Tell(_lost, "record could not be written in time and is missing, as the log itself says", "records could not be written in time and are missing, as the log itself says");

        // The head is a record too.
        var unsigned = last - (signed is null ? 0 : signed.Number + 1);
        Tell(unsigned, "record after the last signed head: it could be removed without a trace", "records after the last signed head: they could be removed without a trace");
        return _notes;

        void Tell(long count, string one, string many)
        {
            if (count > 0)
            {
                _notes.Add($"{count} {(count == 1 ? one : many)}");
            }
        }
    }
}
