namespace Passthrough.Benchmarks.Load;

/// <summary>What a system under test made of a password.</summary>
internal enum CheckOutcome
{
    Right,
    Wrong,

    /// <summary>No answer, no verdict, or one that is neither of the two.</summary>
    NoVerdict,
}
