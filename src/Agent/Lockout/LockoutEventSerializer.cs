using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;
using Stored = Passthrough.Agent.Lockout.Journal;

namespace Passthrough.Agent.Lockout;

/// <summary>The form of the lockout's facts and snapshots in the journal: protobuf under a manifest that never changes its
/// meaning. What this release does not know stops the ledger with an error that names it; it is never skipped.</summary>
public sealed class LockoutEventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>In every row of the journal.</summary>
    public const int Id = 7401;

    private const string LedgerOpenedManifest = "ledger-opened/1";
    private const string LedgerClosedManifest = "ledger-closed/1";
    private const string ChargeOpenedManifest = "charge-opened/1";
    private const string ChargeFailedManifest = "charge-failed/1";
    private const string ChargeRefundedManifest = "charge-refunded/1";
    private const string SignInSucceededManifest = "sign-in-succeeded/1";
    private const string AccountUnlockedManifest = "account-unlocked/1";
    private const string FailuresForgottenManifest = "failures-forgotten/1";
    private const string LedgerManifest = "ledger/1";

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        LedgerOpened => LedgerOpenedManifest,
        LedgerClosed => LedgerClosedManifest,
        ChargeOpened => ChargeOpenedManifest,
        ChargeFailed => ChargeFailedManifest,
        ChargeRefunded => ChargeRefundedManifest,
        SignInSucceeded => SignInSucceededManifest,
        AccountUnlocked => AccountUnlockedManifest,
        FailuresForgotten => FailuresForgottenManifest,
        LedgerState => LedgerManifest,
        _ => throw new SerializationException($"{o.GetType()} has no form in the lockout journal"),
    };

    public override byte[] ToBinary(object obj)
    {
        IMessage message = obj switch
        {
            LedgerOpened e => new Stored.LedgerOpened { At = Write(e.At) },
            LedgerClosed e => new Stored.LedgerClosed { At = Write(e.At), CrashSeenAt = Write(e.CrashSeenAt) },
            ChargeOpened e => new Stored.ChargeOpened
            {
                Account = Write(e.Account),
                At = Write(e.At),
                Permit = e.Permit,
                Attempt = Write(e.Attempt),
                ExpiresAt = Write(e.ExpiresAt),
            },
            ChargeFailed e => new Stored.ChargeFailed
            {
                Account = Write(e.Account),
                At = Write(e.At),
                Permit = e.Permit,
                LockedUntil = Write(e.LockedUntil),
            },
            ChargeRefunded e => new Stored.ChargeEnded { Account = Write(e.Account), At = Write(e.At), Permit = e.Permit },
            SignInSucceeded e => new Stored.ChargeEnded { Account = Write(e.Account), At = Write(e.At), Permit = e.Permit },
            AccountUnlocked e => new Stored.AccountCleared { Account = Write(e.Account), At = Write(e.At) },
            FailuresForgotten e => new Stored.AccountCleared { Account = Write(e.Account), At = Write(e.At) },
            LedgerState s => Write(s),
            _ => throw new SerializationException($"{obj.GetType()} has no form in the lockout journal"),
        };
        return message.ToByteArray();
    }

    /// <summary>Never throws: what cannot be read becomes an <see cref="UnreadableEvent"/>, so that the ledger's journal, which
    /// knows the event's number, can name it.</summary>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return Read(bytes, manifest);
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or SerializationException or ArgumentException)
        {
            return new UnreadableEvent($"('{manifest}', {bytes.Length} bytes) cannot be read: {fault.Message}");
        }
    }

    private static object Read(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case LedgerOpenedManifest:
                return new LedgerOpened(Read(Stored.LedgerOpened.Parser.ParseFrom(bytes).At));
            case LedgerClosedManifest:
                var closed = Stored.LedgerClosed.Parser.ParseFrom(bytes);
                return new LedgerClosed(Read(closed.At), ReadOptional(closed.CrashSeenAt));
            case ChargeOpenedManifest:
                var opened = Stored.ChargeOpened.Parser.ParseFrom(bytes);
                return new ChargeOpened(
                    Read(opened.Account), Read(opened.At), opened.Permit, ReadAttempt(opened.Attempt), Read(opened.ExpiresAt));
            case ChargeFailedManifest:
                var failed = Stored.ChargeFailed.Parser.ParseFrom(bytes);
                return new ChargeFailed(Read(failed.Account), Read(failed.At), failed.Permit, ReadOptional(failed.LockedUntil));
            case ChargeRefundedManifest:
                var refunded = Stored.ChargeEnded.Parser.ParseFrom(bytes);
                return new ChargeRefunded(Read(refunded.Account), Read(refunded.At), refunded.Permit);
            case SignInSucceededManifest:
                var succeeded = Stored.ChargeEnded.Parser.ParseFrom(bytes);
                return new SignInSucceeded(Read(succeeded.Account), Read(succeeded.At), succeeded.Permit);
            case AccountUnlockedManifest:
                var unlocked = Stored.AccountCleared.Parser.ParseFrom(bytes);
                return new AccountUnlocked(Read(unlocked.Account), Read(unlocked.At));
            case FailuresForgottenManifest:
                var forgotten = Stored.AccountCleared.Parser.ParseFrom(bytes);
                return new FailuresForgotten(Read(forgotten.Account), Read(forgotten.At));
            case LedgerManifest:
                return Read(Stored.Ledger.Parser.ParseFrom(bytes));
            default:
                throw new SerializationException(
                    "this release does not know it; run the release that wrote it, or a newer one");
        }
    }

    private static Stored.Account Write(AccountKey account) => new()
    {
        Forest = account.Forest,
        ObjectGuid = UnsafeByteOperations.UnsafeWrap(account.ObjectGuid.ToByteArray(bigEndian: true)),
    };

    private static Timestamp Write(DateTimeOffset at) => Timestamp.FromDateTimeOffset(at);

    private static Timestamp? Write(DateTimeOffset? at) => at is { } known ? Write(known) : null;

    private static ByteString Write(AttemptId attempt) =>
        attempt == default ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(attempt.ToBytes());

    private static Stored.Ledger Write(LedgerState ledger)
    {
        var stored = new Stored.Ledger
        {
            IsOpen = ledger.IsOpen,
            CrashSeenAt = Write(ledger.CrashSeenAt),
            OpenedAt = Write(ledger.OpenedAt),
        };
        foreach (var (account, state) in ledger.Entries)
        {
            stored.Entries.Add(new Stored.Ledger.Types.Entry
            {
                Account = Write(account),
                Failed = (uint)state.Failed,
                Forgiven = (uint)state.Forgiven,
                LockedUntil = Write(state.LockedUntil),
                LastFailedAt = Write(state.LastFailedAt),
                Open =
                {
                    state.Open.Select(charge => new Stored.Ledger.Types.Charge
                    {
                        Permit = charge.Permit,
                        Attempt = Write(charge.Attempt),
                        ExpiresAt = Write(charge.ExpiresAt),
                        GrantedAfter = (uint)charge.GrantedAfter,
                    }),
                },
            });
        }

        return stored;
    }

    private static LedgerState Read(Stored.Ledger stored) => new()
    {
        IsOpen = stored.IsOpen,
        CrashSeenAt = ReadOptional(stored.CrashSeenAt),
        OpenedAt = ReadOptional(stored.OpenedAt),
        Entries = stored.Entries.ToImmutableDictionary(entry => Read(entry.Account), entry => new AccountState
        {
            IsWritten = true,
            Failed = (int)entry.Failed,
            Forgiven = (int)entry.Forgiven,
            LockedUntil = ReadOptional(entry.LockedUntil),
            LastFailedAt = ReadOptional(entry.LastFailedAt),
            Open =
            [
                .. entry.Open.Select(charge => new Charge(
                    charge.Permit, ReadAttempt(charge.Attempt), Read(charge.ExpiresAt), (int)charge.GrantedAfter)),
            ],
        }),
    };

    private static AccountKey Read(Stored.Account? account) =>
        account is { ObjectGuid.Length: 16 }
        && AccountKey.TryCreate(account.Forest, new Guid(account.ObjectGuid.Span, bigEndian: true)) is { } key
            ? key
            : throw new SerializationException("an entry of the lockout journal names no account");

    private static DateTimeOffset Read(Timestamp? at) =>
        at?.ToDateTimeOffset() ?? throw new SerializationException("an entry of the lockout journal has no time");

    private static DateTimeOffset? ReadOptional(Timestamp? at) => at?.ToDateTimeOffset();

    private static AttemptId ReadAttempt(ByteString bytes) =>
        bytes.IsEmpty ? default
        : AttemptId.TryRead(bytes.Span, out var attempt) ? attempt
        : throw new SerializationException("an entry of the lockout journal names no attempt");
}
