namespace Passthrough.Agent.Forests;

/// <summary>The nodes of this node's forests, as people call them.</summary>
internal sealed class NodeNames(SiteForests forests, ForestPeers peers)
{
    public IEnumerable<string> All => forests.All.SelectMany(forest => peers.Of(forest.Forest)).Select(each => each.View.Name).Distinct().Order(StringComparer.Ordinal);
}
