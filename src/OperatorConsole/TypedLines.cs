using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>Where lines come from.</summary>
internal abstract class LineSource
{
    /// <summary>Somebody sits there, and wants a prompt.</summary>
    public abstract bool IsTyped { get; }

    /// <returns>Null: there are no more.</returns>
    public abstract string? Read(string prompt, PalettesReply node);
}

/// <summary>Lines of a file or of another program.</summary>
internal sealed class PipedLines(TextReader input) : LineSource
{
    public override bool IsTyped => false;

    public override string? Read(string prompt, PalettesReply node) => input.ReadLine();
}

/// <summary>Lines that somebody types at a terminal, with history and completion. What was typed is forgotten with the process: reasons and
/// names are nobody else's.</summary>
internal sealed class TypedLines(Screen screen) : LineSource
{
    /// <summary>Columns of what is typed that are seen, however narrow the terminal is.</summary>
    private const int LeastRoom = 20;

    private const int MaxHistory = 500;

    private readonly List<string> _history = [];

    public override bool IsTyped => true;

    public override string? Read(string prompt, PalettesReply node)
    {
        var editor = new LineEditor(_history);
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                Show(prompt, editor);
                var key = Console.ReadKey(intercept: true);
                var isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                if (key.Key == ConsoleKey.Enter)
                {
                    screen.Output.Write("\r\n");
                    return Keep(editor.Text);
                }

                if (isControl && key.Key is ConsoleKey.C or ConsoleKey.D)
                {
                    screen.Output.Write("\r\n");
                    return editor.Text.Length == 0 && key.Key == ConsoleKey.D ? null : "";
                }

                if (key.Key == ConsoleKey.Tab)
                {
                    Complete(node, editor);
                }
                else
                {
                    editor.Press(key);
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private void Complete(PalettesReply node, LineEditor editor)
    {
        var (before, begun) = editor.AtCursor();
        var candidates = Completion.Of(node, before, begun);
        if (candidates.Count == 1)
        {
            editor.Complete(begun, Quoted(candidates[0]) + " ");
        }
        else if (candidates.Count > 1 && Completion.Common(candidates) is { } common && common.Length > begun.Length)
        {
            editor.Complete(begun, common);
        }
        else if (candidates.Count > 1)
        {
            screen.Output.Write("\r\n" + Screen.Clean(string.Join("  ", candidates)) + "\r\n");
        }
    }

    private static string Quoted(string word) => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word;

    /// <summary>A line that is longer than the terminal shows its end.</summary>
    private void Show(string prompt, LineEditor editor)
    {
        var room = Math.Max(LeastRoom, (Console.WindowWidth > 0 ? Console.WindowWidth : RowText.Columns) - prompt.Length - 1);
        var first = Math.Max(0, editor.Cursor - room);
        var text = Screen.Clean(editor.Text)[first..];
        var shown = text.Length > room ? text[..room] : text;
        screen.Output.Write($"\r{prompt}{shown}\u001b[K\r\u001b[{prompt.Length + editor.Cursor - first}C");
        screen.Output.Flush();
    }

    private string Keep(string line)
    {
        if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line))
        {
            _history.Add(line);
            if (_history.Count > MaxHistory)
            {
                _history.RemoveAt(0);
            }
        }

        return line;
    }
}
