using System.Text;

namespace Passthrough.OperatorConsole;

/// <summary>A line that is being typed: text, cursor, what was typed before. Knows keys, no terminal.</summary>
internal sealed class LineEditor(List<string> history)
{
    private readonly StringBuilder _text = new();
    private int _recalled = history.Count;
    private string _draft = "";

    public string Text => _text.ToString();

    public int Cursor { get; private set; }

    /// <summary>What a key does to the line. Keys that mean nothing here do nothing.</summary>
    public void Press(ConsoleKeyInfo key)
    {
        var isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow or ConsoleKey.B when !isControl ? key.Key == ConsoleKey.LeftArrow : key.Key == ConsoleKey.B:
                Cursor = Math.Max(0, Cursor - 1);
                break;
            case ConsoleKey.RightArrow:
                Cursor = Math.Min(_text.Length, Cursor + 1);
                break;
            case ConsoleKey.Home or ConsoleKey.A when isControl || key.Key == ConsoleKey.Home:
                Cursor = 0;
                break;
            case ConsoleKey.End or ConsoleKey.E when isControl || key.Key == ConsoleKey.End:
                Cursor = _text.Length;
                break;
            case ConsoleKey.Backspace when Cursor > 0:
                _text.Remove(--Cursor, 1);
                break;
            case ConsoleKey.Delete when Cursor < _text.Length:
                _text.Remove(Cursor, 1);
                break;
            case ConsoleKey.U when isControl:
                _text.Remove(0, Cursor);
                Cursor = 0;
                break;
            case ConsoleKey.W when isControl:
                var word = Text[..Cursor].TrimEnd().LastIndexOf(' ') + 1;
                _text.Remove(word, Cursor - word);
                Cursor = word;
                break;
            case ConsoleKey.UpArrow:
                Recall(_recalled - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_recalled + 1);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    Insert($"{key.KeyChar}");
                }

                break;
        }
    }

    /// <summary>At the cursor.</summary>
    public void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>The words before the cursor, and the one that it stands in.</summary>
    public (IReadOnlyList<string> Before, string Begun) AtCursor()
    {
        var text = Text[..Cursor];
        var words = Words.Of(text);
        return text.Length == 0 || char.IsWhiteSpace(text[^1]) ? (words, "") : ([.. words.SkipLast(1)], words[^1]);
    }

    /// <summary>In place of the word that the cursor stands in.</summary>
    public void Complete(string begun, string word)
    {
        _text.Remove(Cursor - begun.Length, begun.Length);
        Cursor -= begun.Length;
        Insert(word);
    }

    private void Recall(int place)
    {
        if (place < 0 || place > history.Count)
        {
            return;
        }

        _draft = _recalled == history.Count ? Text : _draft;
        _recalled = place;
        _text.Clear().Append(place == history.Count ? _draft : history[place]);
        Cursor = _text.Length;
    }
}
