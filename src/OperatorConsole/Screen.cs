namespace Passthrough.OperatorConsole;

/// <summary>What the operator sees. Nothing that a node says reaches the terminal as anything but text.</summary>
/// <param name="isSeen">Faults go to a terminal, not to a file or a program: they are broken at its edge.</param>
internal sealed class Screen(TextWriter output, TextWriter error, bool isSeen = false)
{
    public TextWriter Output => output;

    public void Say(string line) => output.WriteLine(Clean(line));

    public void Complain(string line) => error.WriteLine(isSeen ? RowText.Wrap("pbm: ", Clean(line)) : $"pbm: {Clean(line)}");

    public void Progress(string line) => error.WriteLine($"… {Clean(line)}");

    /// <summary>Lines may be broken; everything else that could steer a terminal is replaced, also what turns the direction of text.</summary>
    public static string Clean(string text) => text.Any(IsTrouble) ? string.Concat(text.Select(c => IsTrouble(c) ? '\uFFFD' : c)) : text;

    private static bool IsTrouble(char c) =>
        (char.IsControl(c) && c != '\n') || c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u2028' or '\u2029';
}
