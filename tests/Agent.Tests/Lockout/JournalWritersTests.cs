using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>A shard moves between nodes that live on.</summary>
public sealed class JournalWritersTests : IDisposable
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("11111111-2222-4333-8444-555555555555"));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ScratchDirectory _folder = new();

    [Fact]
    public async Task What_a_node_writes_after_a_shard_came_back_to_it_is_read_by_all()
    {
        var journal = _folder.File("journal.db");
        await using var first = await TestNode.StartAsync(journal);
        await using var second = await TestNode.StartAsync(journal);
        Assert.Equal(0, await CountOneMoreAsync(first));
        Assert.Equal(1, await CountOneMoreAsync(second));
        Assert.Equal(2, await CountOneMoreAsync(first));
        Assert.Equal(3, await CountOneMoreAsync(first));
        Assert.Equal(4, await CountOneMoreAsync(second));
        Assert.Equal(5, await CountOneMoreAsync(first));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>As the shard's home, for one failure.</summary>
    /// <returns>How many it knew of.</returns>
    private static async Task<int> CountOneMoreAsync(TestNode node)
    {
        var health = node.Health;
        var ledger = node.System.ActorOf(Props.Create(() => new LedgerEntity(
            "moves", new LockoutPolicies(new LockoutPolicy()), TimeProvider.System, health, NullLogger.Instance, Patience)));
        var known = await ledger.Ask<LedgerProtocol.Entered>(new LedgerProtocol.Enter(Anna), Patience);
        var stored = await ledger.Ask<LedgerProtocol.Stored>(
            new LedgerProtocol.Store(
                Anna,
                [
                    new ChargeOpened(
                        Anna, TimeProvider.System.GetUtcNow(), (ulong)Random.Shared.NextInt64(), TestNode.NewAttempt(), TimeProvider.System.GetUtcNow() + Patience,
                        SourceClass.Unfamiliar, ClientSource.Nowhere, "agent"),
                ]),
            Patience);
        Assert.False(stored.IsVolatile);
        Assert.True(await ledger.GracefulStop(Patience));
        return known.State.Unfamiliar.Open.Length + known.State.Unfamiliar.Failures;
    }
}
