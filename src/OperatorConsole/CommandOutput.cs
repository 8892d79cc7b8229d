using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>Prints what comes of one command: for people in the layout that the node names, for programs one JSON object a line.</summary>
internal sealed class CommandOutput(Screen screen, bool isJson)
{
    private readonly List<IReadOnlyList<string>> _rows = [];
    private RunReply.Types.Columns _columns = new();
    private int _printed;

    public bool IsTail => _columns.Tails;

    public void Take(RunReply reply)
    {
        switch (reply.BodyCase)
        {
            case RunReply.BodyOneofCase.Columns:
                _columns = reply.Columns;
                break;
            case RunReply.BodyOneofCase.Row when reply.Row.Values.Count == _columns.Columns_.Count:
                Print(reply.Row);
                break;
            case RunReply.BodyOneofCase.Note:
                Flush();
                screen.Say(isJson ? Json([("note", OperatorColumn.Types.Kind.Text, reply.Note)]) : RowText.Wrap("", Screen.Clean(reply.Note)));
                break;
            case RunReply.BodyOneofCase.Progress:
                screen.Progress(reply.Progress);
                break;
        }
    }

    /// <summary>What was kept to be laid out together.</summary>
    public void Flush()
    {
        if (_rows.Count > 0)
        {
            foreach (var line in RowText.Table(_columns.Columns_, _rows))
            {
                screen.Say(line);
            }

            _rows.Clear();
        }

        screen.Output.Flush();
    }

    private void Print(RunReply.Types.Row row)
    {
        // Cleaned before it is laid out: nothing is added or lost afterwards.
        IReadOnlyList<string> values = [.. row.Values.Select(value => Screen.Clean(value.Replace('\n', ' ')))];
        if (isJson)
        {
            screen.Say(Json(_columns.Columns_.Select((column, i) => (column.Name, column.Kind, row.Values[i]))));
        }
        else if (_columns.Layout == RunReply.Types.Layout.Table)
        {
            _rows.Add(values);
            return;
        }
        else if (_columns.Layout == RunReply.Types.Layout.Record)
        {
            screen.Say((_printed++ > 0 ? "\n" : "") + RowText.Record(_columns.Columns_, values));
        }
        else
        {
            screen.Say(RowText.Line(_columns.Columns_, values));
        }

        screen.Output.Flush();
    }

    private static string Json(IEnumerable<(string Name, OperatorColumn.Types.Kind Kind, string Value)> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, kind, value) in values)
            {
                json.WritePropertyName(name);
                if (kind == OperatorColumn.Types.Kind.Flag)
                {
                    json.WriteBooleanValue(value == "true");
                }
                else if (kind == OperatorColumn.Types.Kind.Number && decimal.TryParse(value, CultureInfo.InvariantCulture, out var number))
                {
                    json.WriteNumberValue(number);
                }
                else
                {
                    json.WriteStringValue(value);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
