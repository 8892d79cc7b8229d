using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Directories.Tests.Support;

/// <summary>A forest directory over scripted servers, without TLS.</summary>
internal sealed class ForestBench : IAsyncDisposable
{
    private readonly TestFolder _folder = new();

    /// <param name="script">What the servers do before the directory knows them: it probes them as soon as it is opened.</param>
    public ForestBench(int servers, Action<ForestOptions>? configure = null, Action<ScriptedServer[]>? script = null)
    {
        Servers = [.. Enumerable.Range(0, servers).Select(_ => new ScriptedServer())];
        script?.Invoke(Servers);
        Options = new ForestOptions
        {
            Name = "corp.example",
            ServiceAccount = ScriptedServer.ServiceAccount,
            ServiceAccountPasswordFile = _folder.Write("password", "service"),
            LabOnlyPlainLdap = true,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            BindTimeout = TimeSpan.FromSeconds(20),
            SearchTimeout = TimeSpan.FromSeconds(20),
        };
        foreach (var server in Servers)
        {
            Options.DomainControllers.Add(server.Address);
        }

        configure?.Invoke(Options);
        Directory = ForestDirectory.Open(Options, TimeProvider.System, Log);
    }

    public ScriptedServer[] Servers { get; }

    public ForestOptions Options { get; }

    public ListLog Log { get; } = new();

    public ForestDirectory Directory { get; }

    public Task<LookupReply> FindAsync(string name = "alice@corp.example", double seconds = 30) =>
        Directory.FindAccountAsync(TypedName.TryParse(name)!, Peer.In(seconds));

    public async Task<BindReply> BindAsync(string foundAt = "", double seconds = 30)
    {
        using var password = Peer.Password();
        return await Directory.BindAsync(new DirectoryAccount(ScriptedServer.Alice, "CN=alice", foundAt, 0), password, Peer.In(seconds));
    }

    /// <summary>Waits for a condition, half a minute at most.</summary>
    public static Task UntilAsync(Func<bool> isMet, string what) => UntilAsync(() => Task.FromResult(isMet()), what);

    public static async Task UntilAsync(Func<Task<bool>> isMet, string what)
    {
        for (var waited = 0; !await isMet(); waited += 20)
        {
            Assert.True(waited < 30_000, $"waited in vain: {what}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Directory.DisposeAsync();
        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }
}

/// <summary>Keeps the lines.</summary>
internal sealed class ListLog : ILogger<ForestDirectory>
{
    private readonly List<(int Id, string Line)> _lines = [];

    public IReadOnlyList<(int Id, string Line)> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add((eventId.Id, formatter(state, exception)));
        }
    }
}
