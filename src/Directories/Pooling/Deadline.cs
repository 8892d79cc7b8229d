namespace Passthrough.Directories.Pooling;

/// <summary>The sooner of somebody's deadline and a time of our own.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _link;

    public Deadline(TimeSpan longest, TimeProvider time, CancellationToken outer)
    {
        _source = new CancellationTokenSource(longest, time);
        _link = outer.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _link.Dispose();
        _source.Dispose();
    }
}
