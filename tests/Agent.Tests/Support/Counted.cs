using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Passthrough.Agent.Tests.Support;

/// <summary>What an instrument of whole numbers was told in this process since this was made, by its labels. Other tests may count at
/// the same time.</summary>
internal sealed class Counted : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly MeterListener _listener;

    public Counted(string instrument)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (each, self) =>
            {
                if (each.Name == instrument)
                {
                    self.EnableMeasurementEvents(each);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((_, value, labels, _) => _sums.AddOrUpdate(
            string.Join(' ', labels.ToArray().Select(label => $"{label.Key}={label.Value}")), value, (_, sum) => sum + value));
        _listener.Start();
    }

    public long All => _sums.Values.Sum();

    public long this[string labels] => _sums.GetValueOrDefault(labels);

    public void Dispose() => _listener.Dispose();
}
