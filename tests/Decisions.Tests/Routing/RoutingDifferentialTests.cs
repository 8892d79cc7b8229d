using CsCheck;
using Passthrough.Decisions.Routing;
using static Passthrough.Decisions.Routing.ForestTrustRecord;

namespace Passthrough.Decisions.Tests.Routing;

/// <summary>The table against <see cref="RoutingModel"/>, on random forests whose names collide a lot.</summary>
public sealed class RoutingDifferentialTests
{
    private static readonly Gen<string> Label = Any("a", "b", "ab", "c");

    private static readonly Gen<string> DnsName = Label.Array[1, 4].Select(labels => string.Join('.', labels));

    private static readonly Gen<string> Forest = Any("f.a", "f.b", "g.a", "g");

    private static readonly Gen<ForestTrustRecord> Record = Gen.Select(Gen.Int[0, 5], DnsName, Label, Any(0u, 0u, 0u, 1u, 2u, 4u, 8u))
        .Select((kind, name, netBios, flags) => kind switch
        {
            0 => new Exclusion(flags, null, name),
            1 => new DomainInformation(flags, null, "", name, netBios),
            2 => new Other(flags, null, 9, []),
            _ => (ForestTrustRecord)new TopLevelName(flags, null, name),
        });

    private static readonly Gen<TrustedDomain> Trust = Gen.Select(
            Gen.OneOf(Forest, DnsName), Label, Any(2u, 2u, 2u, 1u), Any(1u, 2u, 3u, 3u),
            Any(8u, 8u, 8u, 0u, 1u, 2u, 9u, 0x20u), Record.Array[0, 5])
        .Select((name, netBios, kind, direction, attributes, records) => new TrustedDomain(
            name, netBios, kind, direction, attributes, records.Length == 0 ? null : [.. records]));

    private static readonly Gen<ForestNames[]> Forests = Gen.Select(
            Forest, Gen.Select(DnsName, Label).Array[0, 2], DnsName.Array[0, 2], Trust.Array[0, 3])
        .Select((name, domains, suffixes, trusts) => new ForestNames(
            name, [new DomainNames(name, "top"), .. domains.Select(each => new DomainNames(each.Item1, each.Item2))], [.. suffixes], [.. trusts]))
        .Array[1, 3];

    [Fact]
    public void The_table_routes_as_the_published_rules_do() => Gen.Select(Forests, Gen.OneOf(DnsName, Label, Forest)).Sample(
        (forests, name) =>
        {
            forests = [.. forests.DistinctBy(forest => forest.Name)];
            var route = RoutingTableBuilder.Build([.. forests]).Find(name);
            var answer = route.Outcome switch
            {
                RouteOutcome.Routed => route.Claim!.Forest,
                RouteOutcome.Conflict => "conflict",
                _ => "",
            };
            Assert.Equal(RoutingModel.Route(forests, name), answer);
        },
        iter: 150_000);

    [Fact]
    public void The_order_of_forests_and_trusts_does_not_matter() => Gen.Select(Forests, DnsName).Sample(
        (forests, name) =>
        {
            forests = [.. forests.DistinctBy(forest => forest.Name)];
            var other = forests.Reverse().Select(forest => forest with { Trusts = [.. forest.Trusts.Reverse()] });
            Assert.Equal(
                RoutingTableBuilder.Build([.. forests]).Find(name).Outcome, RoutingTableBuilder.Build([.. other]).Find(name).Outcome);
        },
        iter: 20_000);

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
