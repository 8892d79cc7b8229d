using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

public class KeptLocksTests
{
    private static readonly TenantRoute Route = new("contoso", "corp.example");
    private static readonly AccountKey Anna = new("corp.example", new Guid("3f2b1a0c-5d4e-4f60-8192-a3b4c5d6e7f8"));
    private static readonly ClientSource Home = ClientSource.Of(IPAddress.Parse("192.0.2.7"), null);
    private static readonly AgentEntry Agent = new("1", "contoso", "a", ["corp.example"]);
    private readonly FakeTimeProvider _time = new();
    private readonly KeptLocks _locks;

    public KeptLocksTests() => _locks = new KeptLocks(_time);

    [Theory, InlineData(59_999, 1), InlineData(60_000, 0)]
    public void A_lock_is_kept_until_it_is_over(int afterMs, int leftMs)
    {
        Keep("anna@corp.example");
        _time.Advance(TimeSpan.FromMilliseconds(afterMs));
        Assert.Equal(TimeSpan.FromMilliseconds(leftMs), LeftFor("anna@corp.example"));
    }

    [Theory]
    [InlineData("Anna@CORP.example", true)]
    [InlineData(" anna@corp.example. ", true)]
    [InlineData("anna2@corp.example", false)]
    [InlineData(@"CORP\anna", false)]
    public void Spellings_that_no_directory_tells_apart_are_one_name(string name, bool isKept)
    {
        Keep("anna@corp.example");
        Assert.Equal(isKept, LeftFor(name) > TimeSpan.Zero);
    }

    [Fact]
    public void A_source_that_is_familiar_is_refused_only_while_its_own_lock_lasts()
    {
        Keep("anna@corp.example", familiar: 10);
        Assert.Equal(TimeSpan.FromSeconds(10), LeftFor("anna@corp.example", Home));
        Assert.Equal(TimeSpan.FromSeconds(60), LeftFor("anna@corp.example"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, LeftFor("anna@corp.example", Home));
    }

    [Fact]
    public void Nothing_crosses_tenants_or_forests()
    {
        Keep("anna@corp.example");
        Assert.Equal(TimeSpan.Zero, _locks.LeftFor(new TenantRoute("other", "corp.example"), Name("anna@corp.example"), ClientSource.Nowhere));
        Assert.Equal(TimeSpan.Zero, _locks.LeftFor(new TenantRoute("contoso", "other.example"), Name("anna@corp.example"), ClientSource.Nowhere));
    }

    [Fact]
    public void All_names_of_an_account_share_what_was_told_last()
    {
        Keep("anna@corp.example");
        Keep(@"CORP\anna", unfamiliar: 120);
        Assert.Equal(TimeSpan.FromSeconds(120), LeftFor("anna@corp.example"));
    }

    [Fact]
    public void An_operator_ends_it_for_all_names()
    {
        Keep("anna@corp.example");
        Keep(@"CORP\anna");
        _locks.End(Agent, Ended(Anna));
        Assert.Equal(TimeSpan.Zero, LeftFor("anna@corp.example"));
        Assert.Equal(TimeSpan.Zero, LeftFor(@"CORP\anna"));
    }

    [Fact]
    public void A_sign_in_ends_it_too_and_leaves_nothing_of_an_account_that_was_never_locked()
    {
        Keep("anna@corp.example");
        _locks.Forgive(Route, Anna);
        Assert.Equal(TimeSpan.Zero, LeftFor("anna@corp.example"));

        _locks.Forgive(Route, new AccountKey("corp.example", Guid.NewGuid()));
        Assert.Equal(1, _locks.Count);
    }

    [Fact]
    public void An_answer_of_before_an_unlock_brings_no_lock_back()
    {
        var before = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        _locks.End(Agent, Ended(Anna));
        _time.Advance(TimeSpan.FromSeconds(1));
        Keep("anna@corp.example", begun: before);
        Assert.Equal(TimeSpan.Zero, LeftFor("anna@corp.example"));

        Keep("anna@corp.example");
        Assert.Equal(TimeSpan.FromSeconds(60), LeftFor("anna@corp.example"));
    }

    [Fact]
    public void Of_a_forest_that_an_agent_does_not_serve_it_is_not_believed()
    {
        Keep("anna@corp.example");
        _locks.End(Agent with { Forests = ["other.example"] }, Ended(Anna));
        _locks.End(Agent with { Tenant = "other" }, Ended(Anna));
        _locks.End(Agent, new LockEnded { Forest = "corp.example", Account = ByteString.CopyFrom(new byte[15]) });
        _locks.End(Agent, new LockEnded { Forest = "", Account = ByteString.CopyFrom(new byte[16]) });
        Assert.Equal(TimeSpan.FromSeconds(60), LeftFor("anna@corp.example"));
    }

    [Fact]
    public void More_names_than_there_is_room_for_are_left_to_the_agents_until_some_are_over()
    {
        for (var i = 0; i < KeptLocks.MaxNames; i++)
        {
            Keep($"invented-{i}@corp.example", account: null);
        }

        Keep("anna@corp.example");
        Assert.Equal(KeptLocks.MaxNames, _locks.Count);
        Assert.Equal(TimeSpan.Zero, LeftFor("anna@corp.example"));
        Assert.Equal(TimeSpan.FromSeconds(60), LeftFor("invented-7@corp.example"));

        _time.Advance(TimeSpan.FromSeconds(60));
        Keep("anna@corp.example");
        Assert.Equal(1, _locks.Count);
        Assert.Equal(TimeSpan.FromSeconds(60), LeftFor("anna@corp.example"));
    }

    private static LockEnded Ended(AccountKey account) =>
        new() { Forest = account.Forest, Account = ByteString.CopyFrom(account.ObjectGuid.ToByteArray()) };

    private static TypedName Name(string text) => TypedName.TryParse(text)!;

    private void Keep(string name, int familiar = 0, int unfamiliar = 60, long? begun = null) =>
        Keep(name, Anna, familiar, unfamiliar, begun);

    private void Keep(string name, AccountKey? account, int familiar = 0, int unfamiliar = 60, long? begun = null) => _locks.Keep(
        Route, Name(name), account,
        new LockNotice(TimeSpan.FromSeconds(familiar), TimeSpan.FromSeconds(unfamiliar), Home.Fingerprints()),
        begun ?? _time.GetTimestamp());

    private TimeSpan LeftFor(string name, ClientSource? source = null) => _locks.LeftFor(Route, Name(name), source ?? ClientSource.Nowhere);
}
