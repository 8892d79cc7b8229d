using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Passthrough.Decisions.Peers;

namespace Passthrough.Gateway.Storage;

/// <summary>What is known of a tenant's agents when one of them asks.</summary>
/// <param name="Addresses">Where each of the book's agents is reached, by id.</param>
public sealed record KnownNodes(PeerBook Book, ImmutableDictionary<string, string> Addresses);

/// <summary>The book of each tenant's nodes, in the database: all instances of the gateway read and write the same one, so that they
/// give leave as if they were one.</summary>
public sealed class PeerBooks(IDbContextFactory<GatewayContext> database, TimeProvider time)
{
    /// <summary>Others wrote in between so often, and it is given up. Each try that fails is another's that succeeded.</summary>
    private const int MaxTries = 20;

    /// <summary>Takes one agent's question down, and answers it. Of questions at once, one is the first.</summary>
    /// <returns>Null if the database is too busy.</returns>
    /// <param name="address">Where the other agents reach it.</param>
    public async Task<(KnownNodes Known, bool MayForm, DateTimeOffset Now)?> AskAsync(
        string tenant, PeerQuestion question, string address, CancellationToken cancel)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            await using var context = await database.CreateDbContextAsync(cancel);
            var kept = await context.PeerBooks.AsNoTracking().SingleOrDefaultAsync(book => book.TenantId == tenant, cancel);
            await NoteAsync(context, question.Agent, cancel);
            var agents = await context.Agents.Where(agent => agent.TenantId == tenant && agent.RevokedAt == null)
                .Select(agent => new { agent.Id, HasConnected = agent.LastConnectedAt != null }).ToListAsync(cancel);
            var (since, now) = await ReadAvailableSinceAsync(context, time, cancel);
            var before = Read(kept, agents.Select(agent => agent.Id).ToHashSet(StringComparer.Ordinal), since, now);
            var enrolled = agents.Where(agent => agent.HasConnected).Select(agent => agent.Id).Union(before.Book.Reports.Keys);
            var (after, may) = FormingLeave.Ask(before.Book, question, enrolled, now);
            var known = new KnownNodes(after, before.Addresses.SetItem(question.Agent, address));
            if (await TryWriteAsync(context, tenant, kept, known, cancel))
            {
                return (known, may, now);
            }
        }

        return null;
    }

    /// <summary>Who asks may be given leave: it is one that may be running, also if the book is begun anew before it has a stream.</summary>
    private static Task<int> NoteAsync(GatewayContext context, string agent, CancellationToken cancel)
    {
        var enrolled = context.Agents.Where(each => each.Id == agent && each.LastConnectedAt == null);
        return enrolled.ExecuteUpdateAsync(set => set.SetProperty(each => each.LastConnectedAt, each => each.EnrolledAt), cancel);
    }

    /// <summary>Since when there has been an instance to be asked, without a gap; and the time now.</summary>
    internal static async Task<(DateTimeOffset Since, DateTimeOffset Now)> ReadAvailableSinceAsync(
        GatewayContext context, TimeProvider time, CancellationToken cancel)
    {
        var since = await context.Installation.Select(each => each.AvailableSince).SingleAsync(cancel);
        var seen = await context.Instances.Select(each => (DateTimeOffset?)each.SeenAt).MaxAsync(cancel);

        // The clock last: what was read is of the past.
        var now = await context.ReadClockAsync(time, cancel);
        return (FormingLeave.AvailableSince(since, seen, now), now);
    }

    private static KnownNodes Read(PeerBookRecord? kept, HashSet<string> living, DateTimeOffset since, DateTimeOffset now)
    {
        var read = kept is null ? null : JsonSerializer.Deserialize<Page>(kept.Book);
        var book = read is null ? PeerBook.StartedNow(since) : FormingLeave.Resume(new PeerBook(read.StartedAt, read.Reports), since, now);
        book = book with { Reports = book.Reports.RemoveRange(book.Reports.Keys.Where(id => !living.Contains(id))) };
        return new KnownNodes(
            book, (read?.Addresses ?? ImmutableDictionary<string, string>.Empty).Where(each => book.Reports.ContainsKey(each.Key)).ToImmutableDictionary());
    }

    private static async Task<bool> TryWriteAsync(
        GatewayContext context, string tenant, PeerBookRecord? kept, KnownNodes known, CancellationToken cancel)
    {
        var text = JsonSerializer.Serialize(new Page(known.Book.StartedAt, known.Book.Reports, known.Addresses));
        if (kept is not null)
        {
            return await context.PeerBooks.Where(book => book.TenantId == tenant && book.Version == kept.Version)
                .ExecuteUpdateAsync(set => set.SetProperty(book => book.Book, text).SetProperty(book => book.Version, kept.Version + 1), cancel) == 1;
        }

        context.PeerBooks.Add(new PeerBookRecord { TenantId = tenant, Book = text, Version = 1 });
        try
        {
            await context.SaveChangesAsync(cancel);
            return true;
        }
        catch (DbUpdateException e) when (UniqueViolation.Is(e))
        {
            return false;
        }
    }

    private sealed record Page(
        DateTimeOffset StartedAt, ImmutableDictionary<string, PeerReport> Reports, ImmutableDictionary<string, string> Addresses);
}
