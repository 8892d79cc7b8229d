using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Coordination;
using Akka.Event;
using Npgsql;
using Passthrough.Decisions.Peers;

namespace Passthrough.Agent.Peers;

/// <summary>What the split brain resolver asks before it goes on without other nodes. Not a lease in time: the first part that goes on
/// writes down whom it leaves out, and who is left out never goes on, however late it asks (a process that was stopped for an hour
/// asks an hour late). The resolver makes it by its name in hocon/cluster.conf.</summary>
internal sealed class PartitionLease(LeaseSettings settings, ExtendedActorSystem system) : Lease(settings)
{
    private const string Ask = """
        SELECT pg_advisory_xact_lock(7402);
        DELETE FROM node_left_out WHERE at < now() - interval '30 days';
        INSERT INTO node_left_out (node, decided_by) SELECT unnest(@missing), @self
          WHERE NOT EXISTS (SELECT 1 FROM node_left_out WHERE node = ANY (@seen)) ON CONFLICT DO NOTHING;
        SELECT count(*) FROM node_left_out WHERE node = ANY (@seen);
        """;

    private readonly NpgsqlDataSource _database = system.Settings.Setup.Get<PartitionLeaseSetup>().Value.Database;

    public override async Task<bool> Acquire()
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var members = cluster.State.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).Select(member => member.UniqueAddress);
        var unreachable = cluster.State.Unreachable.Select(member => member.UniqueAddress).Where(node => node != cluster.SelfUniqueAddress).ToHashSet();
        var parts = members.ToLookup(unreachable.Contains, node => $"{node.Address}#{node.Uid}");
        string[] seen = [.. parts[false]], missing = [.. parts[true]];
        var record = PartitionVerdict.MayAsk(seen.Length, missing.Length)
            ? await AskAsync(seen, missing, $"{cluster.SelfUniqueAddress.Address}")
            : PartitionRecord.LeftOut;
        return PartitionVerdict.GoesOn(seen.Length, missing.Length, record);
    }

    public override Task<bool> Acquire(Action<Exception> leaseLostCallback) => Acquire();

    /// <summary>What is written stays written.</summary>
    public override Task<bool> Release() => Task.FromResult(true);

    /// <summary>Each decision asks anew.</summary>
    public override bool CheckLease() => false;

    private async Task<PartitionRecord> AskAsync(string[] seen, string[] missing, string self)
    {
        try
        {
            await using var connection = await _database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(Ask, connection, transaction)
            {
                Parameters = { new("seen", seen), new("missing", missing), new("self", self) },
            };
            await using var reader = await command.ExecuteReaderAsync();

            // The last of its results; the lock's is the first.
            await reader.NextResultAsync();
            await reader.ReadAsync();
            var leftOut = reader.GetInt64(0) > 0;
            await reader.DisposeAsync();
            await transaction.CommitAsync();
            return leftOut ? PartitionRecord.LeftOut : PartitionRecord.Written;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            system.Log.Warning("The journal's database was asked which part of the cluster goes on, and did not answer: {0}", e.GetBaseException().Message);
            return PartitionRecord.Silent;
        }
    }
}

/// <summary>Where the lease asks.</summary>
internal sealed class PartitionLeaseSetup(NpgsqlDataSource database) : Setup
{
    public NpgsqlDataSource Database => database;
}
