using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Tests.Support;

/// <summary>A connection of ours in memory, and the hand that plays the directory at its other end.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private readonly MemoryDuplex _server;
    private readonly MessageBuffer _received = new();

    public Peer()
    {
        (var client, _server) = MemoryDuplex.Pair();
        Connection = new LdapConnection(client, _ => client.Cut());
    }

    public LdapConnection Connection { get; }

    /// <summary>Long enough for any machine; a test that waits for it fails.</summary>
    public static CancellationToken Soon => In(30);

    public static CancellationToken In(double seconds) => new CancellationTokenSource(TimeSpan.FromSeconds(seconds)).Token;

    public static TypedPassword Password(string text = "right")
    {
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate(text, out var password));
        return password!;
    }

    public static SearchRequest AnySearch(int sizeLimit = 10) =>
        new("DC=corp,DC=example", SearchScope.Subtree, LdapFilter.Present("objectClass"), [], sizeLimit, TimeSpan.FromSeconds(2));

    /// <summary>The next message that the client sends.</summary>
    public async Task<Question> ReceiveAsync()
    {
        while (true)
        {
            var framing = _received.TryTake(out var frame);
            if (framing == Framing.Complete)
            {
                return Question.Read(frame.ToArray());
            }

            Assert.Equal(Framing.Incomplete, framing);
            var count = await _server.ReadAsync(_received.Room(), Soon);
            Assert.True(count > 0, "the client closed the connection");
            _received.Add(count);
        }
    }

    /// <summary>True if the client closes without another word.</summary>
    public async Task<bool> IsClosedAsync() => await _server.ReadAsync(new byte[1], Soon) == 0;

    public ValueTask SendAsync(params byte[][] messages) => _server.WriteAsync(messages.SelectMany(each => each).ToArray());

    public void Close() => _server.Cut();

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        _server.Cut();
    }
}
