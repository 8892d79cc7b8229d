using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;

namespace Passthrough.Directories;

/// <summary>A forest's directory, and a memory of the accounts it has found: who tries again, or is guessed at, costs it one
/// search. One search at a time for one name. Only accounts are remembered, so names that lead to none push nobody out and
/// take no memory. Safe for concurrent use.</summary>
public sealed class RememberedAccounts(ForestDirectory directory, TimeProvider time, ILogger<RememberedAccounts> log) : IDisposable
{
    /// <summary>How many names are remembered at most, about 600 bytes each. When it is full a new one is not, and the
    /// twentieth part that was longest without use is forgotten.</summary>
    public const int Capacity = 20_000;

    /// <summary>How long an answer is used: what changes in the directory (a name that is given to another, a password that
    /// was set) is seen this much later at worst. Domain controllers differ among themselves as long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>The longest that an attempt lives: nobody waits longer for a search.</summary>
    private static readonly TimeSpan SearchTime = TimeSpan.FromSeconds(30);

    private static readonly Meter Meter = new("Passthrough.Agent.Directories");
    private static readonly Counter<long> Lookups = Meter.CreateCounter<long>(
        "passthrough.agent.lookups", "{lookup}", "Names that were looked up, by where the answer came from: memory or directory");

    private readonly MemoryCache _accounts = new(new MemoryCacheOptions { SizeLimit = Capacity });
    private readonly ConcurrentDictionary<string, Lazy<Task<LookupReply>>> _searches = new(StringComparer.Ordinal);

    /// <summary>As <see cref="ForestDirectory.Forest"/>.</summary>
    public string Forest => directory.Forest;

    /// <summary>As <see cref="ForestDirectory.IsReachable"/>.</summary>
    public bool IsReachable => directory.IsReachable;

    /// <summary>As <see cref="ForestDirectory.Names"/>.</summary>
    public AcceptedNames Names => directory.Names;

    /// <summary>As <see cref="ForestDirectory.UseNames"/>. What is remembered stays so for its time.</summary>
    public void UseNames(ForestNames names) => directory.UseNames(names);

    /// <summary>People of the forest may sign in by other attributes than their names.</summary>
    public bool HasAlternateIds => directory.HasAlternateIds;

    /// <summary>Names that are remembered, those past their time included.</summary>
    internal int Count => _accounts.Count;

    /// <summary>As <see cref="ForestDirectory.FindAccountAsync"/>.</summary>
    public async Task<LookupReply> FindAccountAsync(TypedName name, CancellationToken deadline)
    {
        var key = CanonicalName.ForMemory(name, directory.HasAlternateIds);
        if (_accounts.TryGetValue<Remembered>(key, out var kept) && time.GetElapsedTime(kept!.Since) < Lifetime)
        {
            Lookups.Add(1, new KeyValuePair<string, object?>("from", "memory"));
            return kept.Reply;
        }

        Lookups.Add(1, new KeyValuePair<string, object?>("from", "directory"));
        try
        {
            return await _searches.GetOrAdd(key, each => new(() => SearchAsync(each, name))).Value.WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            return new LookupReply.NoVerdict(Verdict.DirectoryTimeout);
        }
    }

    /// <summary>As <see cref="ForestDirectory.BindAsync"/>: one bind at most. Wrong under a name that was remembered may mean
    /// that the account has another name by now: it is looked up again, and unless it has kept its name there is no verdict
    /// on the password, only DirectoryTimeoutAfterSend. No second bind is sent: that would need another permit.</summary>
    public async Task<BindReply> BindAsync(DirectoryAccount account, TypedPassword password, CancellationToken deadline)
    {
        var reply = await directory.BindAsync(account, password, deadline);
        if (account.RememberedAs is not { } key || reply.Verdict != Verdict.BadPassword)
        {
            return reply;
        }

        _accounts.Remove(key);
        var now = await directory.FindAgainAsync(account with { FoundAt = reply.DomainController }, deadline);
        if (now is LookupReply.Found found && found.Account.BindName.Equals(account.BindName, StringComparison.Ordinal))
        {
            return reply;
        }

        if (now is not LookupReply.NoVerdict)
        {
            log.AccountMoved(directory.Forest);
        }

        return reply with { Verdict = Verdict.DirectoryTimeoutAfterSend };
    }

    public void Dispose() => _accounts.Dispose();

    private async Task<LookupReply> SearchAsync(string key, TypedName name)
    {
        try
        {
            using var limit = new CancellationTokenSource(SearchTime, time);
            var since = time.GetTimestamp();
            var reply = await directory.FindAccountAsync(name, limit.Token);
            if (reply is LookupReply.Found found)
            {
                Remember(key, found with { Account = found.Account with { RememberedAs = key } }, since);
            }

            return reply;
        }
        finally
        {
            _searches.TryRemove(key, out _);
        }
    }

    private void Remember(string key, LookupReply.Found reply, long since) => _accounts.Set(
        key, new Remembered(reply, since), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });

    /// <param name="Since">A timestamp of the clock that does not jump.</param>
    private sealed record Remembered(LookupReply.Found Reply, long Since);
}
