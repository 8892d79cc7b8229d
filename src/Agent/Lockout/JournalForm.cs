using System.Collections.Immutable;
using System.Runtime.Serialization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Stored = Passthrough.Agent.Lockout.Journal;

namespace Passthrough.Agent.Lockout;

/// <summary>The parts that the lockout's events have in common in the journal, and its snapshots.</summary>
internal static class JournalForm
{
    public static Stored.Account Write(AccountKey account) => new()
    {
        Forest = account.Forest,
        ObjectGuid = UnsafeByteOperations.UnsafeWrap(account.ObjectGuid.ToByteArray(bigEndian: true)),
    };

    public static AccountKey Read(Stored.Account? account) =>
        account is { ObjectGuid.Length: 16 }
        && AccountKey.TryCreate(account.Forest, new Guid(account.ObjectGuid.Span, bigEndian: true)) is { } key
            ? key
            : throw new SerializationException("an entry of the lockout journal names no account");

    public static Timestamp Write(DateTimeOffset at) => Timestamp.FromDateTimeOffset(at);

    public static Timestamp? Write(DateTimeOffset? at) => at is { } known ? Write(known) : null;

    public static DateTimeOffset Read(Timestamp? at) =>
        at?.ToDateTimeOffset() ?? throw new SerializationException("an entry of the lockout journal has no time");

    public static DateTimeOffset? ReadOptional(Timestamp? at) => at?.ToDateTimeOffset();

    public static ByteString Write(AttemptId attempt) =>
        attempt == default ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(attempt.ToBytes());

    public static AttemptId ReadAttempt(ByteString bytes) =>
        bytes.IsEmpty ? default
        : AttemptId.TryRead(bytes.Span, out var attempt) ? attempt
        : throw new SerializationException("an entry of the lockout journal names no attempt");

    public static Stored.SourceClass Write(SourceClass of) => (Stored.SourceClass)of;

    public static SourceClass Read(Stored.SourceClass of) => of switch
    {
        Stored.SourceClass.Unfamiliar => SourceClass.Unfamiliar,
        Stored.SourceClass.Familiar => SourceClass.Familiar,
        _ => throw new SerializationException($"an entry of the lockout journal is of a class {of}, which this release does not know"),
    };

    public static string WriteNetwork(ClientSource source) => source.Network?.ToString() ?? "";

    public static ByteString WriteDevice(ClientSource source) =>
        source.Device is { } device ? UnsafeByteOperations.UnsafeWrap(device.ToByteArray(bigEndian: true)) : ByteString.Empty;

    public static ClientSource ReadSource(string network, ByteString device) =>
        device.Length is 0 or 16
        && ClientSource.TryRead(network, device.IsEmpty ? null : new Guid(device.Span, bigEndian: true)) is { } source
            ? source
            : throw new SerializationException("an entry of the lockout journal names no source");

    public static Stored.Ledger Write(LedgerState ledger)
    {
        var stored = new Stored.Ledger
        {
            IsOpen = ledger.IsOpen,
            CrashSeenAt = Write(ledger.CrashSeenAt),
            OpenedAt = Write(ledger.OpenedAt),
        };
        foreach (var (account, state) in ledger.Entries)
        {
            var entry = new Stored.Ledger.Types.Entry
            {
                Account = Write(account),
                Failed = (uint)state.Unfamiliar.Failed,
                Forgiven = (uint)state.Unfamiliar.Forgiven,
                LockedUntil = Write(state.Unfamiliar.LockedUntil),
                LastFailedAt = Write(state.Unfamiliar.LastFailedAt),
                Locks = (uint)state.Unfamiliar.Locks,
                Open = { state.Unfamiliar.Open.Select(Write) },
                Slots = { state.Unfamiliar.Slots },
                Familiar = state.Familiar.IsClean ? null : Write(state.Familiar),
            };
            foreach (var source in state.Sources)
            {
                entry.Sources.Add(new Stored.Ledger.Types.Source { Fingerprint = source.Fingerprint, SeenAt = Write(source.SeenAt) });
            }

            stored.Entries.Add(entry);
        }

        return stored;
    }

    public static LedgerState Read(Stored.Ledger stored) => new()
    {
        IsOpen = stored.IsOpen,
        CrashSeenAt = ReadOptional(stored.CrashSeenAt),
        OpenedAt = ReadOptional(stored.OpenedAt),
        Entries = stored.Entries.ToImmutableDictionary(entry => Read(entry.Account), entry => new AccountState
        {
            Unfamiliar = Read(
                entry.Open, entry.Failed, entry.Forgiven, entry.LockedUntil, entry.LastFailedAt, entry.Locks, entry.Slots),
            Familiar = entry.Familiar is { } familiar
                ? Read(
                    familiar.Open, familiar.Failed, familiar.Forgiven, familiar.LockedUntil, familiar.LastFailedAt, familiar.Locks, familiar.Slots)
                : ClassState.Clean,
            Sources = [.. entry.Sources.Select(source => new FamiliarSource(source.Fingerprint, Read(source.SeenAt)))],
        }),
    };

    private static Stored.Ledger.Types.Class Write(ClassState state) => new()
    {
        Failed = (uint)state.Failed,
        Forgiven = (uint)state.Forgiven,
        LockedUntil = Write(state.LockedUntil),
        LastFailedAt = Write(state.LastFailedAt),
        Locks = (uint)state.Locks,
        Open = { state.Open.Select(Write) },
        Slots = { state.Slots },
    };

    private static ClassState Read(
        RepeatedField<Stored.Ledger.Types.Charge> open, uint failed, uint forgiven, Timestamp? lockedUntil, Timestamp? lastFailedAt, uint locks,
        RepeatedField<ulong> slots) =>
        failed == forgiven && open.Count == 0
            ? ClassState.Clean
            : new ClassState
            {
                IsWritten = true,
                Failed = (int)failed,
                Forgiven = (int)forgiven,
                LockedUntil = ReadOptional(lockedUntil),
                LastFailedAt = ReadOptional(lastFailedAt),
                Locks = (int)locks,
                Open = [.. open.Select(Read)],
                Slots = [.. slots],
            };

    private static Stored.Ledger.Types.Charge Write(Charge charge) => new()
    {
        Permit = charge.Permit,
        Attempt = Write(charge.Attempt),
        ExpiresAt = Write(charge.ExpiresAt),
        GrantedAfter = (uint)charge.GrantedAfter,
        Network = WriteNetwork(charge.Source),
        Device = WriteDevice(charge.Source),
        Agent = charge.Agent,
    };

    private static Charge Read(Stored.Ledger.Types.Charge charge) => new(
        charge.Permit, ReadAttempt(charge.Attempt), Read(charge.ExpiresAt), (int)charge.GrantedAfter,
        ReadSource(charge.Network, charge.Device), charge.Agent);
}
