using System.Text;

namespace Passthrough.OperatorConsole;

/// <summary>A typed line as words: blanks divide, quotes of both kinds keep together. A backslash is itself: names have one.</summary>
internal static class Words
{
    public static List<string> Of(string line)
    {
        var (words, word, quote) = (new List<string>(), (StringBuilder?)null, '\0');
        foreach (var c in line)
        {
            if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                quote = quote == '\0' ? c : '\0';
                word ??= new StringBuilder();
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (word is not null)
                {
                    words.Add(word.ToString());
                    word = null;
                }
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        return word is null ? words : [.. words, word.ToString()];
    }
}
