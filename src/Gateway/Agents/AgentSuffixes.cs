using System.Collections.Concurrent;
using Grpc.Core;
using Passthrough.Wire;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>What one agent says on one stream of the names of its forests: put together by the reader, brought to the directory by
/// the stream's clock. So it costs little how often an agent says it.</summary>
internal sealed class AgentSuffixes(AgentConnection connection, LearnedNames names, ILogger log)
{
    private readonly ForestSuffixReader _parts = new();
    private readonly ConcurrentDictionary<string, (ulong Version, IReadOnlyList<string> Names)> _said = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What it says of a forest that it is not enrolled for is not believed.</summary>
    /// <exception cref="RpcException">The parts are out of order, or there are too many names.</exception>
    public void Take(ForestSuffixes part)
    {
        if (!connection.Agent.Forests.Contains(part.Forest, StringComparer.OrdinalIgnoreCase))
        {
            log.SuffixesOfForeignForest(connection.Agent.Id, AgentGreeting.Printable(part.Forest, ForestSuffixParts.MaxName));
        }
        else if (!_parts.TryAdd(part, out var all))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the suffixes of a forest are out of order, or too many"));
        }
        else if (all is not null)
        {
            _said[part.Forest] = (part.Version, all);
        }
    }

    /// <summary>Brings what was said since the last call to the directory.</summary>
    public void Bring()
    {
        foreach (var forest in _said.Keys)
        {
            if (_said.TryRemove(forest, out var said))
            {
                names.Take(connection, forest, said.Version, said.Names);
            }
        }
    }
}
