using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Passthrough.Decisions.Operator;
using Passthrough.Wire.V1;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator;

/// <summary>How far one command has come on each node, and what is told of it meanwhile.</summary>
/// <param name="words">Of the line.</param>
internal sealed class CommandProgress(CommandLine line, ImmutableArray<string> words, OperatorCaller by)
{
    private readonly CommandDefinition _command = line.Command;

    /// <summary>The node that is meant; empty: all.</summary>
    private readonly string _only = line["node"];
    private readonly Dictionary<Address, long> _cursors = [];
    private readonly HashSet<Address> _done = [];
    private readonly List<ImmutableArray<string>> _kept = [];
    private readonly List<string> _notes = [], _faults = [];
    private ImmutableArray<Address> _targets = [];
    private OperatorRefusal? _refusal;
    private bool _isHeard, _isKnown;

    public bool IsDone { get; private set; }

    /// <summary>The one node that is meant has ended it: nobody else needs to be waited for.</summary>
    public bool IsFound => _only.Length > 0 && _isKnown && IsDone;

    /// <summary>Whom to ask now. Nodes that come and go while it lasts are taken in and forgotten.</summary>
    public IEnumerable<(Address Address, RunHere What)> Next(ImmutableArray<Address> targets)
    {
        _targets = targets;
        IsDone = targets.All(_done.Contains);
        return targets.Where(address => !_done.Contains(address))
            .Select(address => (address, new RunHere(words, by, _cursors.GetValueOrDefault(address))));
    }

    /// <param name="ran">Null: it did not answer in time.</param>
    public IEnumerable<RunReply> Heard(Address from, RanHere? ran)
    {
        if (ran is null or { Refusal: not null })
        {
            _done.Add(from);
            Fail(from, ran);
        }
        else
        {
            (_isHeard, _isKnown) = (true, true);
            _cursors[from] = ran.Step.Cursor;
            if (ran.Step.IsDone)
            {
                _done.Add(from);
            }
        }

        // Of a tail one node's silence is not the end.
        IsDone = (_only.Length > 0 && _isKnown && _done.Contains(from) && ran?.Refusal != OperatorRefusal.NotThisNode) || _targets.All(_done.Contains);
        return ran is null ? [] : Told(ran);
    }

    /// <summary>What could be told only when all was there, and the end.</summary>
    public IEnumerable<RunReply> Rest()
    {
        foreach (var row in _command.Shown.Length > 0 ? Sorted().TakeLast((int)line.Number(_command.Shown)) : Sorted())
        {
            yield return Row(row);
        }

        foreach (var note in _notes)
        {
            yield return new RunReply { Note = note };
        }

        var fault = _faults.Count > 0 ? string.Join("; ", _faults.Distinct())
            : _isHeard ? ""
            : $"no node is called {_only}: see agents list";
        yield return new RunReply
        {
            Done = new RunReply.Types.Done
            {
                Result = fault.Length == 0 ? RunReply.Types.Result.Ok
                    : _refusal == OperatorRefusal.NotAllowed ? RunReply.Types.Result.NotAllowed
                    : RunReply.Types.Result.Failed,
                Message = fault,
            },
        };
    }

    /// <summary>By the column that the command names, or by node.</summary>
    private IEnumerable<ImmutableArray<string>> Sorted()
    {
        var column = _command.AllColumns.ToList().FindIndex(each => each.Name == _command.SortedBy);
        return column < 0 || _command.AllColumns[column].Kind != ColumnKind.Number
            ? _kept.OrderBy(row => row[Math.Max(column, 0)], StringComparer.Ordinal)
            : _kept.OrderByDescending(row => double.TryParse(row[column], CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    private void Fail(Address from, RanHere? ran)
    {
        if (ran?.Refusal == OperatorRefusal.NotThisNode || (ran is null && _only.Length > 0))
        {
            return;
        }

        (_isHeard, _isKnown, _refusal) = (true, _isKnown || ran is not null, ran?.Refusal ?? _refusal);
        var who = _command.IsForEveryNode && _only.Length == 0 ? $"{ran?.Node ?? $"{from.Host}:{from.Port}"}: " : "";
        _faults.Add(ran is null ? $"{who}it did not answer" : who + ran.Message);
    }

    private IEnumerable<RunReply> Told(RanHere ran)
    {
        if (ran.Step.Progress.Length > 0)
        {
            yield return new RunReply { Progress = $"{ran.Node}: {ran.Step.Progress}" };
        }

        foreach (var row in ran.Step.Rows)
        {
            ImmutableArray<string> whole = _command.IsForEveryNode ? [ran.Node, .. row] : row;
            if (_command.IsKept)
            {
                _kept.Add(whole);
            }
            else
            {
                yield return Row(whole);
            }
        }

        if (ran.Step.Note.Length > 0)
        {
            var note = _command.IsForEveryNode ? $"{ran.Node}: {ran.Step.Note}" : ran.Step.Note;
            if (_command.IsKept)
            {
                _notes.Add(note);
            }
            else
            {
                yield return new RunReply { Note = note };
            }
        }
    }

    private static RunReply Row(ImmutableArray<string> values) => new() { Row = new RunReply.Types.Row { Values = { values } } };
}
