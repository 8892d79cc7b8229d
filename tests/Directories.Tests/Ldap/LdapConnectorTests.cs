using System.Net;
using System.Net.Sockets;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Location;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Ldap;

/// <summary>Whom the client believes, over real sockets and real TLS.</summary>
public sealed class LdapConnectorTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority = new("Our CA");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_our_authority_for_the_host_is_believed()
    {
        await using var server = new ScriptedServer(_authority.Issue("127.0.0.1"));
        await using var connection = await ConnectAsync(server.Port);
        var reply = await connection.SearchAsync(Peer.AnySearch(), Peer.Soon);
        Assert.Single(reply.Entries);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_and_its_issuer_named()
    {
        using var other = new TestAuthority("Somebody else's CA");
        await using var server = new ScriptedServer(other.Issue("127.0.0.1"));
        await AssertRefusedAsync(server, "was issued by 'CN=Somebody else's CA', which");
    }

    [Fact]
    public async Task A_certificate_of_an_authority_of_the_same_name_is_refused()
    {
        using var impostor = new TestAuthority("Our CA");
        await using var server = new ScriptedServer(impostor.Issue("127.0.0.1"));
        await AssertRefusedAsync(server, "127.0.0.1");
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused_and_its_names_told()
    {
        await using var server = new ScriptedServer(_authority.Issue("dc9.corp.example"));
        await AssertRefusedAsync(server, "its certificate is for dc9.corp.example, not for 127.0.0.1");
    }

    [Theory, InlineData(-20, -10), InlineData(10, 20)]
    public async Task A_certificate_out_of_its_time_is_refused_and_the_clock_mentioned(int fromDays, int toDays)
    {
        await using var server = new ScriptedServer(_authority.Issue("127.0.0.1", days: (fromDays, toDays)));
        await AssertRefusedAsync(server, "or set this machine's clock");
    }

    [Fact]
    public async Task A_certificate_that_is_not_for_servers_is_refused()
    {
        const string clientAuthentication = "1.3.6.1.5.5.7.3.2";
        await using var server = new ScriptedServer(_authority.Issue("127.0.0.1", clientAuthentication));
        await AssertRefusedAsync(server, "NotValidForUsage");
    }

    [Fact]
    public async Task A_server_without_TLS_is_refused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connecting = ConnectAsync(((IPEndPoint)listener.LocalEndpoint).Port);
        using var accepted = await listener.AcceptTcpClientAsync(Peer.Soon);
        await accepted.GetStream().WriteAsync("220 smtp.corp.example ESMTP ready, how may I help you today?\r\n"u8.ToArray());
        Assert.Equal(LdapFault.TlsFailed, (await Assert.ThrowsAsync<LdapException>(() => connecting)).Fault);
    }

    [Fact]
    public async Task A_server_that_closes_during_the_handshake_is_named()
    {
        await using var server = new ScriptedServer { Refuses = true };
        await AssertRefusedAsync(server, "has it a certificate for LDAPS?");
    }

    [Fact]
    public async Task A_server_that_says_nothing_does_not_keep_the_client_beyond_its_deadline()
    {
        await using var server = new ScriptedServer { IsMute = true };
        var fault = await Assert.ThrowsAsync<LdapException>(() => ConnectAsync(server.Port, seconds: 0.5));
        Assert.Equal((LdapFault.TimedOut, false), (fault.Fault, fault.MayHaveBeenSent));
        Assert.Contains("did not finish the TLS handshake in time", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unreachable()
    {
        var server = new ScriptedServer();
        await server.DisposeAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Assert.Equal(LdapFault.Unreachable, (await Assert.ThrowsAsync<LdapException>(() => ConnectAsync(port))).Fault);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_unreachable()
    {
        var connector = new LdapConnector(Authorities());
        var fault = await Assert.ThrowsAsync<LdapException>(
            () => connector.ConnectAsync(new DirectoryAddress("no-such-host.invalid", 636), Peer.Soon));
        Assert.Equal(LdapFault.Unreachable, fault.Fault);
        Assert.Contains("no-such-host.invalid", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_CA_file_that_is_missing_empty_or_no_certificate_is_named()
    {
        foreach (var (file, what) in new[]
        {
            (_folder["absent.pem"], "cannot be read"),
            (_folder.Write("empty.pem", ""), "holds no certificate"),
            (_folder.Write("text.pem", "hello"), "holds no certificate"),
            (_folder.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "cannot be read"),
        })
        {
            var fault = Assert.Throws<DirectoryFaultException>(() => TrustedAuthorities.Load(file));
            Assert.Contains(file, fault.Message, StringComparison.Ordinal);
            Assert.Contains(what, fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', fault.Message);
        }
    }

    private TrustedAuthorities Authorities() => TrustedAuthorities.Load(_folder.Write("ca.pem", _authority.Pem));

    private Task<LdapConnection> ConnectAsync(int port, double seconds = 30) =>
        new LdapConnector(Authorities()).ConnectAsync(new DirectoryAddress("127.0.0.1", port), Peer.In(seconds));

    private async Task AssertRefusedAsync(ScriptedServer server, string because)
    {
        var fault = await Assert.ThrowsAsync<LdapException>(() => ConnectAsync(server.Port));
        Assert.Equal(LdapFault.TlsFailed, fault.Fault);
        Assert.Contains(because, fault.Message, StringComparison.Ordinal);
        Assert.Contains(server.Address, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }
}
