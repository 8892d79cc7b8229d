using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Instances;

/// <summary>Finds an agent that is connected to another instance. May be used by many threads.</summary>
public sealed class OtherInstances(
    InstanceWatch watch, InstanceLinks links, CertificateAuthority authority, TenantDirectory directory, TimeProvider time, ILogger<OtherInstances> log)
    : IDisposable
{
    /// <summary>What the instances said of their agents is good for so long; they are then asked again, by the first attempt that needs
    /// it.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(2);

    /// <summary>And so long if none has any: one may connect at any moment.</summary>
    private static readonly TimeSpan NoneGoodFor = TimeSpan.FromMilliseconds(250);

    /// <summary>An instance that takes longer to say is left out. Its answer is one look into its memory.</summary>
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TenantRoute, Known> _known = new();

    /// <summary>Null if no other instance has an agent for it.</summary>
    /// <param name="tried">Agents that are not to be asked again; null: none.</param>
    internal async ValueTask<IReceiver?> TryTakeAsync(TenantRoute route, List<string>? tried, CancellationToken cancel)
    {
        if (watch.Others.Count == 0)
        {
            return null;
        }

        var agents = await KnownOf(route).WaitAsync(cancel);
        var loads = agents.Select(agent => agent.Load(tried is not null && tried.Contains(agent.Agent.Id))).ToArray();
        while (AgentChoice.Choose(loads, Random.Shared.NextDouble(), out _) is >= 0 and var chosen)
        {
            if (agents[chosen].TryTake() is { } receiver)
            {
                AgentMeters.Forwarded.Add(1);
                return receiver;
            }

            loads[chosen] = loads[chosen] with { Tried = true };
        }

        return null;
    }

    /// <summary>The agents that attempts of this forest could be forwarded to, and the instance that each is connected to.</summary>
    internal async Task<IReadOnlyList<(Uri Instance, AgentEntry Agent)>> AgentsOfAsync(TenantRoute route, CancellationToken cancel) =>
        watch.Others.Count == 0 ? [] : [.. (await KnownOf(route).WaitAsync(cancel)).Select(each => (each.Instance, each.Agent))];

    public void Dispose()
    {
        foreach (var known in _known.Values.Where(known => known.Agents.Value.IsCompletedSuccessfully))
        {
            Release(known.Agents.Value.Result, []);
        }
    }

    private Task<IReadOnlyList<RemoteAgent>> KnownOf(TenantRoute route)
    {
        while (true)
        {
            var found = _known.TryGetValue(route, out var known);
            if (found && !known!.IsForgotten && time.GetElapsedTime(known.At) < (known.HasNone ? NoneGoodFor : GoodFor))
            {
                return known.Agents.Value;
            }

            // One asks, the others wait for the same answer.
            var fresh = new Known(time.GetTimestamp());
            fresh.Agents = new(() => AskAllAsync(route, fresh, known));
            if (found ? _known.TryUpdate(route, fresh, known!) : _known.TryAdd(route, fresh))
            {
                return fresh.Agents.Value;
            }
        }
    }

    private async Task<IReadOnlyList<RemoteAgent>> AskAllAsync(TenantRoute route, Known fresh, Known? before)
    {
        var old = before is null ? [] : await before.Agents.Value;
        var answers = await Task.WhenAll(watch.Others.Select(instance => AskAsync(instance, route, old, () => fresh.IsForgotten = true)));
        var all = answers.SelectMany(each => each).ToList();
        Release(old, all);
        return all;
    }

    private async Task<IReadOnlyList<RemoteAgent>> AskAsync(Uri instance, TenantRoute route, IReadOnlyList<RemoteAgent> old, Action forget)
    {
        using var patience = new CancellationTokenSource(AskPatience, time);
        try
        {
            var reply = await links.To(instance).AgentsAsync(
                new ConnectedAgentsRequest { Tenant = route.Tenant, Forest = route.Forest }, cancellationToken: patience.Token);
            return [.. reply.Agents.Select(offer => Read(instance, route, offer, old, forget)).OfType<RemoteAgent>()];
        }
        catch (RpcException e)
        {
            log.InstanceSilent(instance, e.Status.Detail);
            return [];
        }
    }

    /// <summary>Null if this instance does not know the agent as one of the forest: what another instance says decides nothing.</summary>
    private RemoteAgent? Read(Uri instance, TenantRoute route, ConnectedAgent offer, IReadOnlyList<RemoteAgent> old, Action forget)
    {
        var now = time.GetUtcNow();
        using var certificate = ReadCertificate(offer.Certificate.Span);
        if (certificate is null || offer.SealingKey is null || !authority.IsClientCertificate(certificate, now)
            || AgentIdentity.From(certificate) is not { } identity || identity.Tenant != route.Tenant
            || directory.Now.FindAgent(identity.AgentId) is not { } agent || agent.Tenant != route.Tenant
            || !agent.Forests.Contains(route.Forest, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        var kept = old.FirstOrDefault(each => each.Instance == instance && each.Agent.Id == agent.Id && each.Key.Equals(offer.SealingKey));
        var seal = kept?.Seal;
        if (seal is null)
        {
            seal = new SealingSlot(identity, certificate.GetECDsaPublicKey()!, static _ => true);
            if (seal.Accept(offer.SealingKey, now) != OfferFault.None)
            {
                seal.Dispose();
                return null;
            }
        }

        var room = (int)Math.Min(offer.Room, AgentGreeting.MaxCredits);
        return new RemoteAgent(instance, agent, route, seal, offer.SealingKey, room, () => links.To(instance), forget, time);
    }

    private static X509Certificate2? ReadCertificate(ReadOnlySpan<byte> der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Seals that nobody needs any more.</summary>
    private static void Release(IReadOnlyList<RemoteAgent> old, IReadOnlyList<RemoteAgent> kept)
    {
        foreach (var agent in old.Where(agent => kept.All(each => each.Seal != agent.Seal)))
        {
            agent.Seal.Dispose();
        }
    }

    private sealed class Known(long at)
    {
        private volatile bool _isForgotten;

        /// <summary>When it was asked; a timestamp.</summary>
        public long At => at;

        public Lazy<Task<IReadOnlyList<RemoteAgent>>> Agents { get; set; } = null!;

        /// <summary>It is known by now, and empty.</summary>
        public bool HasNone => Agents.IsValueCreated && Agents.Value is { IsCompletedSuccessfully: true, Result.Count: 0 };

        public bool IsForgotten
        {
            get => _isForgotten;
            set => _isForgotten = value;
        }
    }
}
