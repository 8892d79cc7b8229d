using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class AccountKeyTests
{
    private static readonly Guid Someone = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");

    [Theory]
    [InlineData("corp.example")]
    [InlineData("CORP.Example")]
    [InlineData("corp.example.")]
    public void One_account_has_one_key(string forest) =>
        Assert.Equal(new AccountKey("corp.example", Someone), new AccountKey(forest, Someone));

    [Fact]
    public void The_same_objectGUID_in_two_forests_is_two_accounts() =>
        Assert.NotEqual(new AccountKey("corp.example", Someone), new AccountKey("fabrikam.test", Someone));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("corp example")]
    [InlineData("corp\0example")]
    [InlineData("corp\u200e.example\n")]
    [InlineData("corp\ud800example")]
    public void What_cannot_be_a_forest_is_no_key(string forest)
    {
        Assert.Null(AccountKey.TryCreate(forest, Someone));
        Assert.Throws<ArgumentException>(() => new AccountKey(forest, Someone));
    }

    [Theory, InlineData(253, true), InlineData(254, false)]
    public void A_forest_name_has_the_length_of_a_DNS_name(int length, bool valid)
    {
        Assert.Equal(valid, AccountKey.TryCreate(new string('a', length), Someone) is not null);
        Assert.Equal(valid, AccountKey.TryCreate("ä" + new string('a', length - 2), Someone) is not null);
    }

    [Fact]
    public void A_key_is_read_as_it_was_written()
    {
        var key = new AccountKey("ad.corp.example", Someone);

        Assert.Equal("0f8fad5bd9cb469fa16570867728950e.ad.corp.example", key.ToString());
        Assert.Equal(key, AccountKey.TryParse(key.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0f8fad5bd9cb469fa16570867728950e")]
    [InlineData("0f8fad5bd9cb469fa16570867728950e.")]
    [InlineData("0f8fad5bd9cb469fa16570867728950e-corp.example")]
    [InlineData("0f8fad5bd9cb469fa16570867728950g.corp.example")]
    [InlineData("ledger-17")]
    public void What_was_not_written_as_a_key_is_not_read(string text) => Assert.Null(AccountKey.TryParse(text));

    /// <summary>Journals are laid out by these numbers: a change here loses every lock there is. They were computed apart from
    /// this code, as the first eight bytes of the SHA-256 of the key's text, modulo 100.</summary>
    [Theory]
    [InlineData("corp.example", "0f8fad5b-d9cb-469f-a165-70867728950e", 52)]
    [InlineData("fabrikam.test", "0f8fad5b-d9cb-469f-a165-70867728950e", 1)]
    [InlineData("corp.example", "00000000-0000-0000-0000-000000000001", 81)]
    public void A_slot_never_changes(string forest, string objectGuid, int slot) =>
        Assert.Equal(slot, new AccountKey(forest, Guid.Parse(objectGuid)).Slot(100));

    [Fact]
    public void Accounts_spread_evenly_over_the_slots()
    {
        var filled = Enumerable.Range(0, 10_000)
            .GroupBy(number => new AccountKey("corp.example", new Guid(number, 0, 0, new byte[8])).Slot(100))
            .Select(slot => slot.Count())
            .ToList();

        Assert.Equal(100, filled.Count);
        Assert.InRange(filled.Min(), 60, 100);
        Assert.InRange(filled.Max(), 100, 140);
    }

    [Fact]
    public void A_name_that_leads_to_no_account_has_a_key_of_its_own()
    {
        var key = AccountKey.ForUnknownName("corp.example", "nobody@corp.example");
        Assert.False(key.IsKnown);
        Assert.True(new AccountKey("corp.example", Someone).IsKnown);
        Assert.Equal(key, AccountKey.ForUnknownName("CORP.example", "nobody@corp.example"));
        Assert.NotEqual(key, AccountKey.ForUnknownName("corp.example", "nobody2@corp.example"));
        Assert.Equal(key, AccountKey.TryParse(key.ToString()));
    }
}
