using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Lockout.LockoutWire;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>The lockout's commands and answers between nodes, by Hyperion with a closed list of types. Hyperion runs no
/// constructor and checks no value: what is read is checked here before it becomes a message.</summary>
public sealed class LockoutMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>On the wire between nodes.</summary>
    public const int Id = 7402;

    private static readonly ClosedHyperion Hyperion = new(Types);

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        AskPermit => "ask/2",
        SettlePermit => "settle/2",
        RepeatWrong => "repeat-wrong/1",
        UnlockAccount => "unlock/2",
        Answer.Granted => "granted/2",
        Answer.CompareFirst => "compare-first/1",
        Answer.Locked => "locked/2",
        Answer.TooManyOpen => "too-many-open/1",
        Answer.Settled => "settled/1",
        Answer.Unlocked => "unlocked/1",
        LeaseKeeper.Beat => "beat/1",
        LeaseKeeper.Echo => "echo/1",
        _ => throw Unknown(o.GetType().ToString()),
    };

    public override byte[] ToBinary(object obj) => Hyperion.Write(obj switch
    {
        AskPermit m => new AskPermitV2(
            m.Account.Forest, m.Account.ObjectGuid, m.Attempt.Value, m.Permit, m.Source.Network?.ToString() ?? "",
            m.Source.Device ?? Guid.Empty, m.Agent, m.PasswordSetAt, m.IsCompared ? 1 : 0),
        SettlePermit m => new SettlePermitV2(
            m.Account.Forest, m.Account.ObjectGuid, m.Attempt.Value, m.Permit, (int)m.How, m.Wrong?.Digest.ToWire() ?? Guid.Empty,
            m.Wrong?.PasswordSetAt ?? 0),
        RepeatWrong m => new RepeatWrongV1(m.Account.Forest, m.Account.ObjectGuid, m.Wrong.Digest.ToWire(), m.Wrong.PasswordSetAt),
        UnlockAccount m => new UnlockAccountV2(m.Account.Forest, m.Account.ObjectGuid, m.By, m.Reason),
        Answer.Granted m => Write(m),
        Answer.CompareFirst m => Write(m),
        Answer.Locked m => new LockedV2(m.Notice.Familiar.Ticks, m.Notice.Unfamiliar.Ticks, Write(m.Notice.FamiliarSources)),
        Answer.TooManyOpen => new TooManyOpenV1(),
        Answer.Settled => new SettledV1(),
        Answer.Unlocked => new UnlockedV1(),
        LeaseKeeper.Beat m => new BeatV1(m.Round, m.Node),
        LeaseKeeper.Echo m => new EchoV1(m.Round),
        _ => throw Unknown(obj.GetType().ToString()),
    });

    public override object FromBinary(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case "ask/2":
                return Read(Read<AskPermitV2>(bytes));
            case "settle/2":
                return Read(Read<SettlePermitV2>(bytes));
            case "repeat-wrong/1":
                var repeat = Read<RepeatWrongV1>(bytes);
                return new RepeatWrong(Account(repeat.Forest, repeat.ObjectGuid), Wrong(repeat.Wrong, repeat.PasswordSetAt));
            case "unlock/2":
                var unlock = Read<UnlockAccountV2>(bytes);
                return new UnlockAccount(
                    Account(unlock.Forest, unlock.ObjectGuid), Text(unlock.By, MaxNameBytes), Text(unlock.Reason, MaxReasonBytes));
            case "granted/2":
                var granted = Read<GrantedV2>(bytes);
                return new Answer.Granted(
                    Permit(granted.Permit), Duration(granted.LifetimeTicks, LockoutPolicy.MaxPermitLifetime),
                    granted.KeyFirst == Guid.Empty && granted.KeySecond == Guid.Empty
                        ? null
                        : DigestKey.FromWire(granted.KeyFirst, granted.KeySecond));
            case "compare-first/1":
                return Read(Read<CompareFirstV1>(bytes));
            case "locked/2":
                var locked = Read<LockedV2>(bytes);
                return new Answer.Locked(new LockNotice(
                    Duration(locked.FamiliarTicks, LockoutPolicy.MaxLockTime),
                    Duration(locked.UnfamiliarTicks, LockoutPolicy.MaxLockTime),
                    Fingerprints(locked.FamiliarSources)));
            case "too-many-open/1":
                Read<TooManyOpenV1>(bytes);
                return new Answer.TooManyOpen();
            case "settled/1":
                Read<SettledV1>(bytes);
                return new Answer.Settled();
            case "unlocked/1":
                Read<UnlockedV1>(bytes);
                return new Answer.Unlocked();
            case "beat/1":
                var beat = Read<BeatV1>(bytes);
                return new LeaseKeeper.Beat(beat.Round, beat.Node);
            case "echo/1":
                return new LeaseKeeper.Echo(Read<EchoV1>(bytes).Round);
            default:
                throw Unknown(manifest);
        }
    }

    private static GrantedV2 Write(Answer.Granted m)
    {
        var (first, second) = m.Key?.ToWire() ?? default;
        return new GrantedV2(m.Permit, m.Lifetime.Ticks, first, second);
    }

    private static CompareFirstV1 Write(Answer.CompareFirst m)
    {
        var (first, second) = m.Key.ToWire();
        return new CompareFirstV1(first, second, m.Wrong.Length, Digest(0), Digest(1), Digest(2));

        Guid Digest(int place) => place < m.Wrong.Length ? m.Wrong[place].ToWire() : Guid.Empty;
    }

    private static string Write(ImmutableArray<ulong> fingerprints)
    {
        var bytes = new byte[fingerprints.Length * sizeof(ulong)];
        for (var place = 0; place < fingerprints.Length; place++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(place * sizeof(ulong)), fingerprints[place]);
        }

        return Convert.ToBase64String(bytes);
    }

    private static T Read<T>(byte[] bytes) => (T)Hyperion.Read(bytes, typeof(T));

    private static AskPermit Read(AskPermitV2 m) =>
        new(
            Account(m.Forest, m.ObjectGuid),
            ClientSource.TryRead(m.Network, m.Device == Guid.Empty ? null : m.Device) ?? throw Invalid("source"),
            new AttemptId(m.Attempt), Permit(m.Permit))
        {
            Agent = Text(m.Agent, MaxNameBytes),
            PasswordSetAt = m.PasswordSetAt,
            IsCompared = m.IsCompared is 0 or 1 ? m.IsCompared == 1 : throw Invalid("mark"),
        };

    private static SettlePermit Read(SettlePermitV2 m) =>
        new(Account(m.Forest, m.ObjectGuid), new AttemptId(m.Attempt), Permit(m.Permit), How(m.How))
        {
            Wrong = m.Wrong == Guid.Empty ? null : Wrong(m.Wrong, m.PasswordSetAt),
        };

    private static Answer.CompareFirst Read(CompareFirstV1 m) => new(
        DigestKey.FromWire(m.KeyFirst, m.KeySecond),
        m.Count is > 0 and <= RepeatedPasswords.MaxKept
            ? [.. new[] { m.First, m.Second, m.Third }.Take(m.Count).Select(PasswordDigest.FromWire)]
            : throw Invalid("number of digests"));

    private static AccountKey Account(string forest, Guid objectGuid) =>
        AccountKey.TryCreate(forest, objectGuid) ?? throw Invalid("forest");

    private static ulong Permit(ulong permit) => permit != AssumedPermit ? permit : throw Invalid("permit");

    private static Settlement How(int how) => Enum.IsDefined((Settlement)how) ? (Settlement)how : throw Invalid("settlement");

    private static WrongPassword Wrong(Guid digest, long passwordSetAt) => new(PasswordDigest.FromWire(digest), passwordSetAt);

    private static TimeSpan Duration(long ticks, TimeSpan most) =>
        ticks >= 0 && ticks <= most.Ticks ? TimeSpan.FromTicks(ticks) : throw Invalid("duration");

    private static string Text(string text, int mostBytes) =>
        Encoding.UTF8.GetByteCount(text) <= mostBytes && !text.Any(char.IsControl) ? text : throw Invalid("text");

    private static ImmutableArray<ulong> Fingerprints(string base64)
    {
        Span<byte> bytes = stackalloc byte[FamiliarSource.MaxKept * sizeof(ulong)];
        if (!Convert.TryFromBase64String(base64, bytes, out var length) || length % sizeof(ulong) != 0)
        {
            throw Invalid("list of sources");
        }

        var fingerprints = new ulong[length / sizeof(ulong)];
        for (var place = 0; place < fingerprints.Length; place++)
        {
            fingerprints[place] = BinaryPrimitives.ReadUInt64BigEndian(bytes[(place * sizeof(ulong))..]);
        }

        return [.. fingerprints];
    }

    private static SerializationException Invalid(string what) => new($"a message from another node holds an impossible {what}");

    private static SerializationException Unknown(string what) => new($"'{what}' does not cross between nodes");
}
