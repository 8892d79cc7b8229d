using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Peers;

/// <summary>Tells of peers that are refused: each once a minute, however often it comes.</summary>
internal sealed class PeerRefusals(TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>Lines that are remembered; beyond that a stranger who comes from everywhere fills no memory and no log.</summary>
    private const int Most = 256;

    private readonly ConcurrentDictionary<string, long> _said = new(StringComparer.Ordinal);

    /// <param name="who">As the beginning of a sentence.</param>
    public void Say(string who, string why)
    {
        var (line, now) = ($"{who}|{why}", clock.GetTimestamp());
        if (_said.TryGetValue(line, out var last) && clock.GetElapsedTime(last, now) < Pause)
        {
            return;
        }

        foreach (var (old, at) in _said)
        {
            if (clock.GetElapsedTime(at, now) >= Pause)
            {
                _said.TryRemove(old, out _);
            }
        }

        if (_said.Count < Most)
        {
            _said[line] = now;
            log.PeerRefused(who, why);
        }
    }
}
