using System.Text;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Ldap;

/// <summary>What a directory may do to a connection, good and bad.</summary>
public sealed class LdapConnectionTests
{
    [Fact]
    public async Task A_bind_is_sent_as_it_should_be_and_answered()
    {
        await using var peer = new Peer();
        using var password = Peer.Password("Пароль 1");
        var bind = peer.Connection.BindAsync("CN=alice", password, Peer.Soon);
        var question = await peer.ReceiveAsync();
        Assert.Equal(("CN=alice", "Пароль 1"), question.ReadBind());
        await peer.SendAsync(Answers.Bind(question.Id, 49, Answers.WrongPassword));
        Assert.Equal(new LdapResult(49, Answers.WrongPassword), await bind);
        Assert.True(peer.Connection.IsUsable);
    }

    [Fact]
    public async Task A_bind_is_alone_on_its_connection()
    {
        await using var peer = new Peer();
        using var password = Peer.Password();
        var search = peer.Connection.SearchAsync(Peer.AnySearch(), Peer.Soon);
        var question = await peer.ReceiveAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => peer.Connection.BindAsync("CN=alice", password, Peer.Soon));
        await peer.SendAsync(Answers.Done(question.Id));
        await search;

        var bind = peer.Connection.BindAsync("CN=alice", password, Peer.Soon);
        await Assert.ThrowsAsync<InvalidOperationException>(() => peer.Connection.SearchAsync(Peer.AnySearch(), Peer.Soon));
        await Assert.ThrowsAsync<InvalidOperationException>(() => peer.Connection.BindAsync("CN=bob", password, Peer.Soon));
        await peer.SendAsync(Answers.Bind((await peer.ReceiveAsync()).Id, 0));
        Assert.True((await bind).IsSuccess);
    }

    [Fact]
    public async Task Searches_overlap_and_may_be_answered_in_any_order()
    {
        await using var peer = new Peer();
        var first = peer.Connection.SearchAsync(Peer.AnySearch(), Peer.Soon);
        var one = await peer.ReceiveAsync();
        var second = peer.Connection.SearchAsync(Peer.AnySearch(), Peer.Soon);
        var two = await peer.ReceiveAsync();
        Assert.NotEqual(one.Id, two.Id);
        await peer.SendAsync(
            Answers.Entry(two.Id, "CN=b"), Answers.Entry(one.Id, "CN=a"), Answers.Reference(two.Id, "ldap://x"), Answers.Done(two.Id));
        Assert.Equal(["CN=b"], (await second).Entries.Select(each => each.DistinguishedName));
        Assert.False(first.IsCompleted);
        await peer.SendAsync(Answers.Done(one.Id));
        Assert.Equal(["CN=a"], (await first).Entries.Select(each => each.DistinguishedName));
    }

    [Fact]
    public async Task A_silent_directory_does_not_keep_a_bind_beyond_its_deadline()
    {
        await using var peer = new Peer();
        using var password = Peer.Password();
        var fault = await Assert.ThrowsAsync<LdapException>(() => peer.Connection.BindAsync("CN=alice", password, Peer.In(0.2)));
        Assert.Equal((LdapFault.TimedOut, true), (fault.Fault, fault.MayHaveBeenSent));
        Assert.False(peer.Connection.IsUsable, "a late answer must not be taken for that of the next bind");
        await peer.Connection.Ended.WaitAsync(Peer.Soon);
    }

    [Fact]
    public async Task A_deadline_that_has_passed_sends_nothing_and_harms_nothing()
    {
        await using var peer = new Peer();
        using var password = Peer.Password();
        var fault = await Assert.ThrowsAsync<LdapException>(
            () => peer.Connection.BindAsync("CN=alice", password, new CancellationToken(canceled: true)));
        Assert.Equal((LdapFault.TimedOut, false), (fault.Fault, fault.MayHaveBeenSent));
        var bind = peer.Connection.BindAsync("CN=bob", password, Peer.Soon);
        var question = await peer.ReceiveAsync();
        Assert.Equal("CN=bob", question.ReadBind().Name);
        await peer.SendAsync(Answers.Bind(question.Id, 0));
        Assert.True((await bind).IsSuccess);
    }

    [Fact]
    public async Task A_directory_that_trickles_does_not_keep_a_bind_beyond_its_deadline()
    {
        await using var peer = new Peer();
        using var password = Peer.Password();
        var bind = peer.Connection.BindAsync("CN=alice", password, Peer.In(0.5));
        var answer = Answers.Bind((await peer.ReceiveAsync()).Id, 0);
        foreach (var octet in answer[..^1])
        {
            await peer.SendAsync([octet]);
        }

        Assert.Equal(LdapFault.TimedOut, (await Assert.ThrowsAsync<LdapException>(() => bind)).Fault);
        await peer.Connection.Ended.WaitAsync(Peer.Soon);
    }

    [Fact]
    public async Task A_search_that_is_late_is_abandoned_and_the_others_go_on()
    {
        await using var peer = new Peer();
        var late = peer.Connection.SearchAsync(Peer.AnySearch(), Peer.In(0.2));
        var first = await peer.ReceiveAsync();
        Assert.Equal(LdapFault.TimedOut, (await Assert.ThrowsAsync<LdapException>(() => late)).Fault);
        var abandon = await peer.ReceiveAsync();
        Assert.Equal(Question.Abandon, abandon.Operation);
        Assert.Equal((byte)first.Id, abandon.Element.Span[^1]);

        var next = peer.Connection.SearchAsync(Peer.AnySearch(), Peer.Soon);
        var second = await peer.ReceiveAsync();
        await peer.SendAsync(
            Answers.Entry(first.Id, "CN=late"), Answers.Done(first.Id), Answers.Entry(second.Id, "CN=now"), Answers.Done(second.Id));
        Assert.Equal(["CN=now"], (await next).Entries.Select(each => each.DistinguishedName));
        Assert.True(peer.Connection.IsUsable);
    }

    [Fact]
    public async Task A_directory_that_answers_no_search_for_a_second_is_taken_for_dead()
    {
        await using var peer = new Peer();
        await Assert.ThrowsAsync<LdapException>(() => peer.Connection.SearchAsync(Peer.AnySearch(), Peer.In(1.2)));
        await peer.Connection.Ended.WaitAsync(Peer.Soon);
        Assert.False(peer.Connection.IsUsable);
    }

    [Fact]
    public async Task A_connection_whose_searches_are_given_up_too_often_is_replaced()
    {
        await using var peer = new Peer();
        for (var search = 0; search <= LdapLimits.MaxAbandoned; search++)
        {
            Assert.True(peer.Connection.IsUsable);
            await Assert.ThrowsAsync<LdapException>(() => peer.Connection.SearchAsync(Peer.AnySearch(), Peer.In(0.02)));
        }

        Assert.False(peer.Connection.IsUsable);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("huge")]
    [InlineData("other-id")]
    [InlineData("other-operation")]
    [InlineData("entry-for-a-bind")]
    [InlineData("broken-result")]
    public async Task An_answer_that_breaks_the_rules_ends_the_connection(string kind)
    {
        await using var peer = new Peer();
        using var password = Peer.Password();
        var bind = peer.Connection.BindAsync("CN=alice", password, Peer.Soon);
        var id = (await peer.ReceiveAsync()).Id;
        await peer.SendAsync(kind switch
        {
            "garbage" => Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"),
            "huge" => [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff],
            "other-id" => Answers.Bind(id + 1, 0),
            "other-operation" => Answers.Done(id),
            "entry-for-a-bind" => Answers.Entry(id, "CN=alice"),
            _ => Answers.Message(id, LdapMessage.BindResponse, writer => writer.WriteInteger(0)),
        });
        var fault = await Assert.ThrowsAsync<LdapException>(() => bind);
        Assert.Equal((LdapFault.Malformed, true), (fault.Fault, fault.MayHaveBeenSent));
        await peer.Connection.Ended.WaitAsync(Peer.Soon);
    }

    [Fact]
    public async Task More_entries_than_were_asked_for_end_the_connection()
    {
        await using var peer = new Peer();
        var search = peer.Connection.SearchAsync(Peer.AnySearch(sizeLimit: 2), Peer.Soon);
        var id = (await peer.ReceiveAsync()).Id;
        await peer.SendAsync(Answers.Entry(id, "CN=1"), Answers.Entry(id, "CN=2"), Answers.Entry(id, "CN=3"), Answers.Done(id));
        Assert.Equal(LdapFault.Malformed, (await Assert.ThrowsAsync<LdapException>(() => search)).Fault);
    }

    [Fact]
    public async Task As_many_entries_as_were_asked_for_are_an_answer()
    {
        await using var peer = new Peer();
        var search = peer.Connection.SearchAsync(Peer.AnySearch(sizeLimit: 2), Peer.Soon);
        var id = (await peer.ReceiveAsync()).Id;
        await peer.SendAsync(Answers.Entry(id, "CN=1"), Answers.Entry(id, "CN=2"), Answers.Done(id, LdapResult.SizeLimitExceeded));
        var reply = await search;
        Assert.Equal((LdapResult.SizeLimitExceeded, 2), (reply.Result.Code, reply.Entries.Count));
    }

    [Fact]
    public async Task A_search_that_brings_too_many_bytes_ends_the_connection()
    {
        await using var peer = new Peer();
        var search = peer.Connection.SearchAsync(Peer.AnySearch(sizeLimit: 100), Peer.Soon);
        var id = (await peer.ReceiveAsync()).Id;
        var entry = Answers.Entry(id, "CN=a", ("x", [new byte[LdapLimits.MaxMessageBytes - 100]]));
        for (var sent = 0; sent < 5; sent++)
        {
            await peer.SendAsync(entry);
        }

        Assert.Equal(LdapFault.Malformed, (await Assert.ThrowsAsync<LdapException>(() => search)).Fault);
    }

    [Fact]
    public async Task A_notice_of_disconnection_ends_the_connection()
    {
        await using var peer = new Peer();
        using var password = Peer.Password();
        var bind = peer.Connection.BindAsync("CN=alice", password, Peer.Soon);
        await peer.ReceiveAsync();
        await peer.SendAsync(Answers.NoticeOfDisconnection());
        var fault = await Assert.ThrowsAsync<LdapException>(() => bind);
        Assert.Equal((LdapFault.ConnectionLost, true), (fault.Fault, fault.MayHaveBeenSent));
    }

    [Fact]
    public async Task An_end_while_idle_is_noticed_and_nothing_is_sent_after_it()
    {
        await using var peer = new Peer();
        using var password = Peer.Password();
        peer.Close();
        await peer.Connection.Ended.WaitAsync(Peer.Soon);
        var fault = await Assert.ThrowsAsync<LdapException>(() => peer.Connection.BindAsync("CN=alice", password, Peer.Soon));
        Assert.Equal((LdapFault.ConnectionLost, false), (fault.Fault, fault.MayHaveBeenSent));
    }

    [Fact]
    public async Task A_password_that_was_disposed_of_harms_nobody()
    {
        await using var peer = new Peer();
        var gone = Peer.Password();
        gone.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => peer.Connection.BindAsync("CN=alice", gone, Peer.Soon));
        using var password = Peer.Password();
        var bind = peer.Connection.BindAsync("CN=alice", password, Peer.Soon);
        await peer.SendAsync(Answers.Bind((await peer.ReceiveAsync()).Id, 0));
        Assert.True((await bind).IsSuccess);
    }

    [Fact]
    public async Task Modify_and_extended_are_answered()
    {
        await using var peer = new Peer();
        var modify = peer.Connection.ModifyAsync(
            new ModifyRequest("CN=a", [new Modification(ModifyOperation.Replace, "mail", ["a@b"u8.ToArray()])]), Peer.Soon);
        var question = await peer.ReceiveAsync();
        Assert.Equal(Question.Modify, question.Operation);
        await peer.SendAsync(Answers.Modified(question.Id, 50));
        Assert.Equal(50, (await modify).Code);

        var extended = peer.Connection.ExtendedAsync(new ExtendedRequest("1.3.6.1.4.1.4203.1.11.3"), Peer.Soon);
        question = await peer.ReceiveAsync();
        Assert.Equal(Question.Extended, question.Operation);
        await peer.SendAsync(Answers.Extended(question.Id, null, "dn:cn=a"u8.ToArray()));
        Assert.Equal("dn:cn=a", Encoding.ASCII.GetString((await extended).Value));
    }

    [Fact]
    public async Task A_sound_connection_says_goodbye()
    {
        var peer = new Peer();
        await peer.Connection.DisposeAsync();
        Assert.Equal(Question.Unbind, (await peer.ReceiveAsync()).Operation);
        Assert.True(await peer.IsClosedAsync());
        await peer.Connection.DisposeAsync();
    }

    [Fact]
    public async Task A_password_stays_in_no_buffer_of_the_client()
    {
        await using var peer = new Peer();
        using var password = Peer.Password("canary-7e1f-password");
        var bind = peer.Connection.BindAsync("CN=alice", password, Peer.Soon);
        await peer.SendAsync(Answers.Bind((await peer.ReceiveAsync()).Id, 0));
        await bind;
        Assert.All(peer.Connection.SendBuffer.ToArray(), each => Assert.Equal(0, each));
    }
}
