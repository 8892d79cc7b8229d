using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Runtime.Serialization;
using Google.Protobuf;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Tests.Lockout;

public sealed class LockoutEventSerializerTests
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
    private static readonly AttemptId Attempt = new(Guid.Parse("01234567-89ab-7cde-8123-456789abcdef"));
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567);

    /// <summary>Fields 1 (forest) and 2 (objectGUID) of an account in field 1.</summary>
    private const string AnnaHex = "0A20" + "0A0C636F72702E6578616D706C65" + "121000112233445566778899AABBCCDDEEFF";

    /// <summary>A time of eleven bytes: 1767323045 s and 123456700 ns.</summary>
    private const string AtHex = "0B" + "08A5EBDCCA06" + "10BC99EF3A";

    /// <summary>It asks the actor system for nothing.</summary>
    private readonly LockoutEventSerializer _serializer = new(null!);

    /// <summary>With the bytes that releases before have written into journals.</summary>
    public static TheoryData<string, object, string> Events => new()
    {
        { "ledger-opened/1", new LedgerOpened(At), "0A" + AtHex },
        { "ledger-closed/1", new LedgerClosed(At, null), "0A" + AtHex },
        { "ledger-closed/1", new LedgerClosed(At, At.AddHours(-1)), "0A" + AtHex + "120B0895CFDCCA0610BC99EF3A" },
        { "charge-opened/1", Opened(0x0102030405060708, Attempt, SourceClass.Unfamiliar, ClientSource.Nowhere, ""), AnnaHex + "12" + AtHex + "19080706050403020122100123456789AB7CDE8123456789ABCDEF2A0B08B4EBDCCA0610BC99EF3A" },
        { "charge-opened/1", Opened(AssumedPermit, default, SourceClass.Unfamiliar, ClientSource.Nowhere, ""), AnnaHex + "12" + AtHex + "2A0B08B4EBDCCA0610BC99EF3A" },
        { "charge-opened/1", Opened(1, default, SourceClass.Familiar, Phone, "a1"), AnnaHex + "12" + AtHex + "1901000000000000002A0B08B4EBDCCA0610BC99EF3A" + "3001" + "3A0E" + "3230332E302E3131332E302F3234" + "4210" + "6F1F3A528F1C4B579D1A2F7F6A0B9C11" + "4A026131" },
        { "charge-failed/1", new ChargeFailed(Anna, At, 1, null, SourceClass.Unfamiliar), AnnaHex + "12" + AtHex + "190100000000000000" },
        { "charge-failed/1", new ChargeFailed(Anna, At, 1, At.AddSeconds(60), SourceClass.Unfamiliar), AnnaHex + "12" + AtHex + "190100000000000000220B08E1EBDCCA0610BC99EF3A" },
        { "charge-failed/1", new ChargeFailed(Anna, At, 1, null, SourceClass.Familiar), AnnaHex + "12" + AtHex + "190100000000000000" + "2801" },
        { "charge-refunded/1", new ChargeRefunded(Anna, At, 1, SourceClass.Unfamiliar), AnnaHex + "12" + AtHex + "190100000000000000" },
        { "charge-refunded/1", new ChargeRefunded(Anna, At, 1, SourceClass.Familiar), AnnaHex + "12" + AtHex + "190100000000000000" + "2001" },
        { "sign-in-succeeded/1", new SignInSucceeded(Anna, At, 1, SourceClass.Unfamiliar), AnnaHex + "12" + AtHex + "190100000000000000" },
        { "sign-in-succeeded/1", new SignInSucceeded(Anna, At, 1, SourceClass.Familiar), AnnaHex + "12" + AtHex + "190100000000000000" + "2001" },
        { "account-unlocked/1", new AccountUnlocked(Anna, At, "", ""), AnnaHex + "12" + AtHex },
        { "account-unlocked/1", new AccountUnlocked(Anna, At, "op", "why"), AnnaHex + "12" + AtHex + "22026F70" + "2A03776879" },
        { "failures-forgotten/1", new FailuresForgotten(Anna, At, SourceClass.Unfamiliar), AnnaHex + "12" + AtHex },
        { "failures-forgotten/1", new FailuresForgotten(Anna, At, SourceClass.Familiar), AnnaHex + "12" + AtHex + "1801" },
        { "source-remembered/1", new SourceRemembered(Anna, At, 0x0102030405060708), AnnaHex + "12" + AtHex + "190807060504030201" },
    };

    private static ClientSource Phone => ClientSource.Of(IPAddress.Parse("203.0.113.9"), Guid.Parse("6f1f3a52-8f1c-4b57-9d1a-2f7f6a0b9c11"));

    private static ChargeOpened Opened(ulong permit, AttemptId attempt, SourceClass of, ClientSource source, string agent) =>
        new(Anna, At, permit, attempt, At.AddSeconds(15), of, source, agent);

    [Theory, MemberData(nameof(Events))]
    public void An_event_is_read_as_it_was_written_and_its_bytes_never_change(string manifest, object what, string hex)
    {
        var bytes = _serializer.ToBinary(what);

        Assert.Equal(manifest, _serializer.Manifest(what));
        Assert.Equal(what, _serializer.FromBinary(bytes, manifest));
        Assert.Equal(hex, Convert.ToHexString(bytes));
    }

    [Fact]
    public void Every_event_of_the_protocol_has_a_form()
    {
        var events = typeof(LockoutProtocol).GetNestedTypes().Where(type => !type.IsInterface && typeof(IEvent).IsAssignableFrom(type));

        Assert.Equal(
            events.Select(type => type.Name).Order(), Events.Select(row => row[1].GetType().Name).Distinct().Order());
    }

    [Fact]
    public void A_snapshot_is_read_as_it_was_written()
    {
        var ben = new AccountKey("fabrikam.test", Guid.NewGuid());
        var ledger = new LedgerState
        {
            IsOpen = true,
            CrashSeenAt = At,
            OpenedAt = At.AddDays(-1),
            Entries = ImmutableDictionary<AccountKey, AccountState>.Empty
                .Add(Anna, new AccountState
                {
                    Unfamiliar = new ClassState
                    {
                        IsWritten = true,
                        Failed = 12,
                        Forgiven = 2,
                        LockedUntil = At.AddMinutes(1),
                        Locks = 3,
                        LastFailedAt = At,
                        Slots = [7, ulong.MaxValue],
                        Open =
                        [
                            new Charge(7, Attempt, At.AddSeconds(3), 11, Phone, "a1"),
                            new Charge(AssumedPermit, default, At, 0, ClientSource.Nowhere, ""),
                        ],
                    },
                    Familiar = new ClassState { IsWritten = true, Slots = [8], Open = [new Charge(8, Attempt, At.AddSeconds(3), 0, Phone, "a1")] },
                    Sources = [new FamiliarSource(ulong.MaxValue, At), new FamiliarSource(1, At.AddDays(1))],
                })
                .Add(ben, AccountState.Clean with { Familiar = new ClassState { IsWritten = true, Failed = 1, LastFailedAt = At } })
                .Add(new AccountKey("fabrikam.test", Guid.NewGuid()), AccountState.Clean with { Sources = [new FamiliarSource(2, At)] }),
        };

        var read = (LedgerState)_serializer.FromBinary(_serializer.ToBinary(ledger), _serializer.Manifest(ledger));

        Assert.Equal((ledger.IsOpen, ledger.CrashSeenAt, ledger.OpenedAt), (read.IsOpen, read.CrashSeenAt, read.OpenedAt));
        Assert.Equal(ledger.Entries.Count, read.Entries.Count);
        foreach (var (account, state) in ledger.Entries)
        {
            var back = read.Find(account);
            Assert.Equal(state.Sources.AsEnumerable(), back.Sources);
            foreach (var of in Enum.GetValues<SourceClass>())
            {
                Assert.Equal(state[of] with { Open = [], Slots = [] }, back[of] with { Open = [], Slots = [] });
                Assert.Equal(state[of].Slots.AsEnumerable(), back[of].Slots);
                Assert.Equal(state[of].Open.AsEnumerable(), back[of].Open);
            }
        }
    }

    /// <summary>As it was written before there were classes.</summary>
    [Fact]
    public void An_old_snapshot_is_one_of_unfamiliar_sources()
    {
        var entry = "0A20" + AnnaHex[4..] + "1801" + "320B" + AtHex[2..];
        var old = Convert.FromHexString("0801" + "12" + (entry.Length / 2).ToString("X2", CultureInfo.InvariantCulture) + entry);

        var state = ((LedgerState)_serializer.FromBinary(old, "ledger/1")).Find(Anna);

        Assert.Equal((1, At, true), (state.Unfamiliar.Failures, state.Unfamiliar.LastFailedAt!.Value, state.Unfamiliar.IsWritten));
        Assert.Same(ClassState.Clean, state.Familiar);
        Assert.Empty(state.Sources);
    }

    [Theory]
    [InlineData("charge-opened/2")]
    [InlineData("account-locked-by-policy/1")]
    [InlineData("")]
    public void An_event_of_a_release_to_come_is_not_read_and_named(string manifest) =>
        Assert.Contains($"'{manifest}'", Unreadable([], manifest).Why, StringComparison.Ordinal);

    [Theory]
    [InlineData("ledger-opened/1")]
    [InlineData("charge-opened/1")]
    [InlineData("charge-failed/1")]
    [InlineData("account-unlocked/1")]
    [InlineData("source-remembered/1")]
    public void An_event_that_lacks_what_it_must_say_is_not_read(string manifest) => Unreadable([], manifest);

    [Fact]
    public void Bytes_that_are_no_event_are_not_read() => Unreadable([0xFF, 0xFF, 0xFF], "charge-opened/1");

    [Fact]
    public void An_event_with_a_field_of_a_release_to_come_is_read()
    {
        var bytes = _serializer.ToBinary(new AccountUnlocked(Anna, At, "", ""));
        using var stream = new MemoryStream();
        stream.Write(bytes);
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(15, WireFormat.WireType.Varint);
            output.WriteUInt32(1);
        }

        Assert.Equal(new AccountUnlocked(Anna, At, "", ""), _serializer.FromBinary(stream.ToArray(), "account-unlocked/1"));
    }

    [Fact]
    public void A_foreign_type_is_not_written()
    {
        Assert.Throws<SerializationException>(() => _serializer.Manifest("text"));
        Assert.Throws<SerializationException>(() => _serializer.ToBinary("text"));
    }

    private UnreadableEvent Unreadable(byte[] bytes, string manifest) =>
        Assert.IsType<UnreadableEvent>(_serializer.FromBinary(bytes, manifest));
}
