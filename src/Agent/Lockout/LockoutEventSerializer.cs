using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Lockout.JournalForm;
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
    private const string SourceRememberedManifest = "source-remembered/1";
    internal const string LedgerManifest = "ledger/1";

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
        SourceRemembered => SourceRememberedManifest,
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
                Class = Write(e.Class),
                Network = WriteNetwork(e.Source),
                Device = WriteDevice(e.Source),
                Agent = e.Agent,
                HasSlot = e.HasSlot,
            },
            ChargeFailed e => new Stored.ChargeFailed
            {
                Account = Write(e.Account),
                At = Write(e.At),
                Permit = e.Permit,
                LockedUntil = Write(e.LockedUntil),
                Class = Write(e.Class),
            },
            ChargeRefunded e => Ended(e, e.Permit),
            SignInSucceeded e => Ended(e, e.Permit),
            AccountUnlocked e => new Stored.AccountCleared { Account = Write(e.Account), At = Write(e.At), By = e.By, Reason = e.Reason },
            FailuresForgotten e => new Stored.AccountCleared { Account = Write(e.Account), At = Write(e.At), Class = Write(e.Class) },
            SourceRemembered e => new Stored.SourceRemembered { Account = Write(e.Account), At = Write(e.At), Fingerprint = e.Fingerprint },
            LedgerState s => Write(s),
            _ => throw new SerializationException($"{obj.GetType()} has no form in the lockout journal"),
        };
        return message.ToByteArray();
    }

    /// <summary>What cannot be read becomes an <see cref="UnreadableEvent"/>: the journal knows which one it is, and stops.</summary>
    public override object FromBinary(byte[] bytes, string manifest) => ReadStored(bytes, manifest);

    /// <inheritdoc cref="FromBinary"/>
    internal static object ReadStored(byte[] bytes, string manifest)
    {
        try
        {
            return ReadEvent(bytes, manifest);
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or SerializationException or ArgumentException)
        {
            return new UnreadableEvent($"('{manifest}', {bytes.Length} bytes) cannot be read: {fault.Message}");
        }
    }

    private static object ReadEvent(byte[] bytes, string manifest)
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
                    Read(opened.Account), Read(opened.At), opened.Permit, ReadAttempt(opened.Attempt), Read(opened.ExpiresAt),
                    Read(opened.Class), ReadSource(opened.Network, opened.Device), opened.Agent)
                { HasSlot = opened.HasSlot };
            case ChargeFailedManifest:
                var failed = Stored.ChargeFailed.Parser.ParseFrom(bytes);
                return new ChargeFailed(
                    Read(failed.Account), Read(failed.At), failed.Permit, ReadOptional(failed.LockedUntil), Read(failed.Class));
            case ChargeRefundedManifest:
                var refunded = Stored.ChargeEnded.Parser.ParseFrom(bytes);
                return new ChargeRefunded(Read(refunded.Account), Read(refunded.At), refunded.Permit, Read(refunded.Class));
            case SignInSucceededManifest:
                var succeeded = Stored.ChargeEnded.Parser.ParseFrom(bytes);
                return new SignInSucceeded(Read(succeeded.Account), Read(succeeded.At), succeeded.Permit, Read(succeeded.Class));
            case AccountUnlockedManifest:
                var unlocked = Stored.AccountCleared.Parser.ParseFrom(bytes);
                return new AccountUnlocked(Read(unlocked.Account), Read(unlocked.At), unlocked.By, unlocked.Reason);
            case FailuresForgottenManifest:
                var forgotten = Stored.AccountCleared.Parser.ParseFrom(bytes);
                return new FailuresForgotten(Read(forgotten.Account), Read(forgotten.At), Read(forgotten.Class));
            case SourceRememberedManifest:
                var source = Stored.SourceRemembered.Parser.ParseFrom(bytes);
                return new SourceRemembered(Read(source.Account), Read(source.At), source.Fingerprint);
            case LedgerManifest:
                return Read(Stored.Ledger.Parser.ParseFrom(bytes));
            default:
                throw new SerializationException(
                    "this release does not know it; run the release that wrote it, or a newer one");
        }
    }

    private static Stored.ChargeEnded Ended(IClassFact e, ulong permit) => new()
    {
        Account = Write(e.Account),
        At = Write(e.At),
        Permit = permit,
        Class = Write(e.Class),
    };
}
