namespace Passthrough.Benchmarks.Load;

/// <summary>One answer of a system under test.</summary>
/// <param name="Said">The system's own word for it, for the table of errors.</param>
internal readonly record struct CheckAnswer(CheckOutcome Outcome, string Said)
{
    public static readonly CheckAnswer TimedOut = new(CheckOutcome.NoVerdict, "no answer in time");
}
