namespace Passthrough.Benchmarks.Load;

/// <summary>One client of a system under test: asks it about one password at a time.</summary>
internal interface IPasswordChecker : IDisposable
{
    ValueTask<CheckAnswer> CheckAsync(string userName, string password, CancellationToken cancel);
}
