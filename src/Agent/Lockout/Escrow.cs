using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Data.Common;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>The table of slots in the journal's database, a PostgreSQL (<see cref="Slot"/> says what they are). One statement takes one, or one of each
/// class, or nothing; whatever else is at work on the table, none is given out twice. Never throws for a database that does not
/// answer: then nothing is taken.</summary>
public sealed class Escrow(JournalOptions journal, ILogger<Escrow> log)
{
    /// <summary>A lost race for a slot is run once more: the other may have taken the first of two.</summary>
    private const int Tries = 2;

    /// <summary>Between two lines that say that it fails.</summary>
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private const string Take = """
        WITH free AS (
          SELECT kind.class AS class, min(place.slot) AS slot
          FROM (SELECT 0 AS class UNION ALL SELECT 1) kind CROSS JOIN (SELECT 0 AS slot UNION ALL SELECT 1) place
          WHERE (kind.class = @class OR @class < 0) AND place.slot < @held
            AND NOT EXISTS (SELECT 1 FROM lockout_slot t WHERE t.account = @account AND t.class = kind.class AND t.slot = place.slot)
            AND NOT EXISTS (SELECT 1 FROM lockout_slot t WHERE t.account = @account AND t.permit = @permit)
          GROUP BY kind.class)
        INSERT INTO lockout_slot (account, class, slot, permit, shard, expires_at, is_counted)
        SELECT @account, free.class, free.slot, @permit, @shard, @expires, @counted FROM free
        WHERE (SELECT count(*) FROM free) = @needed
        ON CONFLICT DO NOTHING
        """;

    private const string ClaimAccount =
        "UPDATE lockout_slot SET is_counted = 1 WHERE account = @account RETURNING account, class, permit, expires_at";

    private const string ClaimShard =
        "UPDATE lockout_slot SET is_counted = 1 WHERE shard = @shard RETURNING account, class, permit, expires_at";

    private readonly ConcurrentDictionary<int, (long Ledger, Lazy<Task<ConcurrentDictionary<AccountKey, ImmutableArray<Slot>>>> Slots)> _atStart = [];
    private long _toldAt;

    /// <summary>Takes one of the slots of a class for the account's owner.</summary>
    /// <returns>Whether it is taken; null: the database does not answer. And what ends when that is undone which it may do all the
    /// same.</returns>
    public Task<(bool? IsTaken, Task Undone)> TakeAsync(AccountKey account, ulong permit, SourceClass of, int held, DateTimeOffset expiresAt, TimeSpan patience) =>
        WithinAsync(TakeAsync(account, permit, (int)of, held, expiresAt, isCounted: true), account, permit, expiresAt, patience);

    /// <summary>Takes one of each class for a worker that cannot reach the owner.</summary>
    public async Task<bool> TakeInterimAsync(AccountKey account, ulong permit, int held, DateTimeOffset expiresAt, TimeSpan patience) =>
        (await WithinAsync(TakeAsync(account, permit, -1, held, expiresAt, isCounted: false), account, permit, expiresAt, patience)).IsTaken == true;

    /// <summary>The worker does not need its interim permit any more. What the owner has counted stays: the owner frees it when it learns
    /// how the bind ended.</summary>
    public Task GiveBackAsync(AccountKey account, ulong permit) => RunAsync(
        "DELETE FROM lockout_slot WHERE account = @account AND permit = @permit AND is_counted = 0",
        ("account", $"{account}"), ("permit", unchecked((long)permit)));

    /// <summary>The bind under an interim permit has failed: whoever counts it need not wait for the permit's end.</summary>
    public Task EndAsync(AccountKey account, ulong permit, DateTimeOffset now) => RunAsync(
        "UPDATE lockout_slot SET expires_at = @now WHERE account = @account AND permit = @permit AND is_counted = 0",
        ("account", $"{account}"), ("permit", unchecked((long)permit)), ("now", now.ToUnixTimeMilliseconds()));

    /// <summary>The owner does not need it any more. False: the database does not answer.</summary>
    /// <param name="of">Null: in whichever class it is.</param>
    /// <param name="expiresAt">Only if it was taken with this. For a question that may be asked again under the same permit: what was
    /// taken then is not meant. Null: whenever it was taken.</param>
    public async Task<bool> FreeAsync(AccountKey account, ulong permit, SourceClass? of, DateTimeOffset? expiresAt = null) => await RunAsync(
        "DELETE FROM lockout_slot WHERE account = @account AND permit = @permit AND (class = @class OR @class < 0) AND (expires_at = @expires OR @expires < 0)",
        ("account", $"{account}"), ("permit", unchecked((long)permit)), ("class", of is { } one ? (int)one : -1),
        ("expires", expiresAt?.ToUnixTimeMilliseconds() ?? -1)) is not null;

    /// <summary>What is taken for an account; from now on the owner's to free.</summary>
    public Task<ImmutableArray<Slot>> ClaimAsync(AccountKey account) =>
        ReadAsync(ClaimAccount, ("account", $"{account}"));

    /// <summary>What was taken for an account when its ledger began to serve, the first time that it is asked. Read at once for all
    /// accounts of the shard, so that none costs a question of its own.</summary>
    /// <param name="ledger">Tells the ledgers apart that served the shard after each other.</param>
    public async ValueTask<ImmutableArray<Slot>> TakenAtStartAsync(AccountKey account, long ledger)
    {
        var shard = account.Slot(LockoutShards.Count);
        var (_, slots) = _atStart.AddOrUpdate(
            shard, _ => (ledger, new(() => ReadShardAsync(shard))),
            (_, read) => read.Ledger == ledger ? read : (ledger, new(() => ReadShardAsync(shard))));
        return (await slots.Value).TryRemove(account, out var mine) ? mine : [];
    }

    /// <summary>Whether the database answers at all now. Nobody waits longer than <paramref name="patience"/>.</summary>
    public async Task<bool> AnswersAsync(TimeSpan patience)
    {
        try
        {
            return await RunAsync("SELECT 1").WaitAsync(patience) is not null;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<ConcurrentDictionary<AccountKey, ImmutableArray<Slot>>> ReadShardAsync(int shard)
    {
        var slots = await ReadAsync(ClaimShard, ("shard", shard));
        return new(slots.GroupBy(slot => slot.Account).ToDictionary(of => of.Key, of => of.ToImmutableArray()));
    }

    private async Task<bool?> TakeAsync(
        AccountKey account, ulong permit, int of, int held, DateTimeOffset expiresAt, bool isCounted)
    {
        var needed = of < 0 ? 2 : 1;
        for (var trial = 0; trial < Tries && held > 0; trial++)
        {
            var taken = await RunAsync(
                Take, ("account", $"{account}"), ("permit", unchecked((long)permit)), ("class", of), ("held", held), ("needed", needed),
                ("shard", account.Slot(LockoutShards.Count)), ("expires", expiresAt.ToUnixTimeMilliseconds()), ("counted", isCounted ? 1 : 0));
            if (taken is null || taken == needed)
            {
                return taken is null ? null : true;
            }

            if (taken > 0)
            {
                await FreeAsync(account, permit, of: null, expiresAt);
            }
        }

        return false;
    }

    /// <summary>The driver takes seconds to break off a question to a server that hangs, and what was asked may be done when it thaws: then
    /// it is undone.</summary>
    private async Task<(bool? IsTaken, Task Undone)> WithinAsync(
        Task<bool?> taking, AccountKey account, ulong permit, DateTimeOffset expiresAt, TimeSpan patience)
    {
        try
        {
            var isTaken = await taking.WaitAsync(patience);
            LockoutMeters.SlotAsked(isTaken);
            return (isTaken, Task.CompletedTask);
        }
        catch (TimeoutException)
        {
            LockoutMeters.SlotAsked(null);
            return (null, FreeLateAsync());
        }

        async Task FreeLateAsync()
        {
            if (await taking != false)
            {
                await FreeAsync(account, permit, of: null, expiresAt);
            }
        }
    }

    private Task<int?> RunAsync(string sql, params (string Name, object Value)[] values) =>
        RunAsync<int?>(sql, values, null, async command => await command.ExecuteNonQueryAsync());

    private Task<ImmutableArray<Slot>> ReadAsync(string sql, params (string Name, object Value)[] values) =>
        RunAsync(sql, values, [], async command =>
        {
            await using var rows = await command.ExecuteReaderAsync();
            var slots = ImmutableArray.CreateBuilder<Slot>();
            while (await rows.ReadAsync())
            {
                if (AccountKey.TryParse(rows.GetString(0)) is { } account && rows.GetInt32(1) is var of and (0 or 1))
                {
                    slots.Add(new Slot(
                        account, unchecked((ulong)rows.GetInt64(2)), (SourceClass)of, DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(3))));
                }
            }

            return slots.ToImmutable();
        });

    private async Task<T> RunAsync<T>(
        string sql, (string Name, object Value)[] values, T otherwise, Func<DbCommand, Task<T>> run)
    {
        try
        {
            await using var connection = PostgreSqlJournal.Connection(journal);
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in values)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value);
                command.Parameters.Add(parameter);
            }

            var result = await run(command);
            return result;
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or OperationCanceledException or IOException or ClusterStartException)
        {
            Tell(fault);
            return otherwise;
        }
    }

    /// <summary>Once in a while: of a database that is short of something, some questions succeed in between.</summary>
    private void Tell(Exception fault)
    {
        var toldAt = Interlocked.Read(ref _toldAt);
        if ((toldAt == 0 || Stopwatch.GetElapsedTime(toldAt) > ToldEvery)
            && Interlocked.CompareExchange(ref _toldAt, Stopwatch.GetTimestamp(), toldAt) == toldAt)
        {
            log.EscrowFailed(fault.GetBaseException().Message, JournalHealth.Runbook);
        }
    }
}
