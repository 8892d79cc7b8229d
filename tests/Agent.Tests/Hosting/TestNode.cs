using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Hosting;

/// <summary>A node as the agent starts it, on a port that the system picks and a real SQLite file.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _stopped;

    private TestNode(IHost host) => _host = host;

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public PermitDesk Desk => _host.Services.GetRequiredService<PermitDesk>();

    public LockoutPolicies Policies => _host.Services.GetRequiredService<LockoutPolicies>();

    public MemoryGrants Grants => _host.Services.GetRequiredService<MemoryGrants>();

    /// <summary>Waits long for accounts, so that they count and not the table; null in SQLite.</summary>
    public InterimPermits? Interim => _host.Services.GetService<InterimPermits>();

    public JournalHealth Health => _host.Services.GetRequiredService<JournalHealth>();

    public string EndPoint
    {
        get
        {
            var self = Akka.Cluster.Cluster.Get(System).SelfAddress;
            return $"{self.Host}:{self.Port}";
        }
    }

    /// <summary>With a journal that is never taken to be down because the machine is busy.</summary>
    /// <param name="leaseClock">Of its lease; one that stands still keeps it, so that a busy machine writes no more than another.</param>
    public static Task<TestNode> StartAsync(
        string journal, LockoutPolicy? policy = null, Action<ClusterNodeOptions>? options = null, TextWriter? log = null,
        CurrentIdentity? identity = null, TimeProvider? leaseClock = null) =>
        StartAsync(
            new JournalOptions { Path = journal }, policy, options, log, TimeSpan.FromSeconds(60), identity, TimeSpan.FromSeconds(60), leaseClock);

    public static async Task<TestNode> StartAsync(
        JournalOptions journal, LockoutPolicy? policy = null, Action<ClusterNodeOptions>? options = null, TextWriter? log = null,
        TimeSpan? patience = null, CurrentIdentity? identity = null, TimeSpan? readPatience = null, TimeProvider? leaseClock = null)
    {
        var node = new ClusterNodeOptions { Port = 0 };
        options?.Invoke(node);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        if (log is not null)
        {
            builder.Logging.AddProvider(new WriterLog(log));
        }

        if (identity is not null)
        {
            builder.Services.AddSingleton(identity);
        }

        builder.Services.AddClusterNode(node, journal, policy ?? new LockoutPolicy());
        if (leaseClock is not null)
        {
            builder.Services.AddSingleton(new MemoryGrants(leaseClock));
        }

        var host = builder.Build();
        var health = host.Services.GetRequiredService<JournalHealth>();
        (health.Patience, health.ReadPatience) = (patience ?? TimeSpan.FromSeconds(5), readPatience ?? health.ReadPatience);
        try
        {
            await host.StartAsync();
            if (leaseClock is not null)
            {
                await Wait.UntilAsync(() => host.Services.GetRequiredService<MemoryGrants>().Allowed);
            }

            var started = new TestNode(host);
            if (started.Interim is { } interim)
            {
                interim.Patience = TimeSpan.FromSeconds(20);
            }

            return started;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>In good order: accounts and ledgers retire.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>All actors at once and without a word, as near to a crash as one process allows.</summary>
    public async Task CrashAsync()
    {
        _stopped = true;
        var system = (ExtendedActorSystem)System;
        system.Abort();
        await system.WhenTerminated;
        _host.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync();
        }
    }

    public static AttemptId NewAttempt() => new(Guid.CreateVersion7());

    public static CancellationToken Within(int seconds) => new CancellationTokenSource(TimeSpan.FromSeconds(seconds)).Token;

    private sealed class WriterLog(TextWriter writer) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (writer)
            {
                writer.WriteLine($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
