using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using Npgsql;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>What was counted in a journal without slots, and is in one with slots now (<see cref="Slot"/>): takes the slots that the failures stand
/// for, so that nobody gets an interim permit for an account that is locked. The ledger learns of them by a snapshot after its last event.</summary>
/// <param name="database">In a transaction.</param>
internal sealed class MovedSlots(NpgsqlConnection database, LockoutPolicy policy, TimeProvider clock)
{
    /// <returns>How many.</returns>
    public async Task<int> TakeAsync(CancellationToken cancel)
    {
        var taken = 0;
        for (var shard = 0; shard < LockoutShards.Count; shard++)
        {
            var ledger = "lockout-ledger-" + shard.ToString(CultureInfo.InvariantCulture);
            // One that cannot be read stays as it is: the agent says so when it starts, as it did before.
            if (await ReadAsync(ledger, cancel) is var (state, number))
            {
                taken += await TakeAsync(ledger, state, number, cancel);
            }
        }

        return taken;
    }

    private async Task<int> TakeAsync(string ledger, LedgerState state, long number, CancellationToken cancel)
    {
        var slots = ImmutableArray.CreateBuilder<(Slot Slot, int Place)>();
        foreach (var (account, of) in state.Entries.Keys.SelectMany(account => Enum.GetValues<SourceClass>().Select(of => (account, of))))
        {
            var before = state.Find(account)[of];
            Slot[] missing = [.. Enumerable.Range(0, Slot.Missing(before, policy)).Select(_ => NewSlot(account, of))];
            if (missing.Length > 0)
            {
                slots.AddRange(missing.Select((slot, place) => (slot, place)));
                var after = before with { Slots = before.Slots.AddRange(missing.Select(slot => slot.Permit)) };
                state = state with { Entries = state.Entries.SetItem(account, state.Find(account).With(of, after)) };
            }
        }

        foreach (var (slot, place) in slots)
        {
            await RunAsync(
                "INSERT INTO lockout_slot (account, class, slot, permit, shard, expires_at, is_counted) VALUES ($1, $2, $3, $4, $5, $6, 1)", cancel,
                $"{slot.Account}", (int)slot.Class, place, unchecked((long)slot.Permit), slot.Account.Slot(LockoutShards.Count),
                slot.ExpiresAt.ToUnixTimeMilliseconds());
        }

        if (slots.Count > 0)
        {
            await RunAsync(
                """
                INSERT INTO snapshot (persistence_id, sequence_number, created, manifest, snapshot, serializer_id) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (persistence_id, sequence_number) DO UPDATE SET snapshot = excluded.snapshot
                """,
                cancel, ledger, number, clock.GetUtcNow().UtcTicks, LockoutEventSerializer.LedgerManifest, JournalForm.Write(state).ToByteArray(),
                LockoutEventSerializer.Id);
        }

        return slots.Count;
    }

    private Slot NewSlot(AccountKey account, SourceClass of) => new(account, (ulong)Random.Shared.NextInt64(1, long.MaxValue), of, clock.GetUtcNow());

    /// <summary>As its journal recovers it: from the last snapshot on.</summary>
    private async Task<(LedgerState State, long Number)?> ReadAsync(string ledger, CancellationToken cancel)
    {
        var (state, number) = (LedgerState.Empty, 0L);
        await using var read = Command(
            """
            SELECT * FROM (SELECT sequence_number, manifest, snapshot FROM snapshot WHERE persistence_id = $1 ORDER BY 1 DESC LIMIT 1) AS last
            UNION ALL
            SELECT * FROM (SELECT sequence_number, manifest, message FROM journal WHERE persistence_id = $1 AND NOT deleted
                AND sequence_number > (SELECT coalesce(max(sequence_number), 0) FROM snapshot WHERE persistence_id = $1) ORDER BY 1) AS tail
            """, ledger);
        await using var rows = await read.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            number = rows.GetInt64(0);
            switch (LockoutEventSerializer.ReadStored(rows.GetFieldValue<byte[]>(2), rows.GetString(1)))
            {
                case LedgerState snapshot:
                    state = snapshot;
                    break;
                case IEvent what:
                    state = LedgerState.Apply(state, what);
                    break;
                default:
                    return null;
            }
        }

        return (state, number);
    }

    private async Task RunAsync(string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
#pragma warning disable CA2100 // Only the constants above.
        var command = new NpgsqlCommand(sql, database);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
