using System.Runtime.Serialization;
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
        AskPermit => "ask/1",
        SettlePermit => "settle/1",
        UnlockAccount => "unlock/1",
        Answer.Granted => "granted/1",
        Answer.Locked => "locked/1",
        Answer.TooManyOpen => "too-many-open/1",
        Answer.Settled => "settled/1",
        Answer.Unlocked => "unlocked/1",
        _ => throw Unknown(o.GetType().ToString()),
    };

    public override byte[] ToBinary(object obj) => Hyperion.Write(obj switch
    {
        AskPermit m => new AskPermitV1(m.Account.Forest, m.Account.ObjectGuid, m.Attempt.Value, m.Permit),
        SettlePermit m => new SettlePermitV1(m.Account.Forest, m.Account.ObjectGuid, m.Attempt.Value, m.Permit, (int)m.How),
        UnlockAccount m => new UnlockAccountV1(m.Account.Forest, m.Account.ObjectGuid),
        Answer.Granted m => new GrantedV1(m.Permit, m.Lifetime.Ticks),
        Answer.Locked m => new LockedV1(m.For.Ticks),
        Answer.TooManyOpen => new TooManyOpenV1(),
        Answer.Settled => new SettledV1(),
        Answer.Unlocked => new UnlockedV1(),
        _ => throw Unknown(obj.GetType().ToString()),
    });

    public override object FromBinary(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case "ask/1":
                var ask = Read<AskPermitV1>(bytes);
                return new AskPermit(Account(ask.Forest, ask.ObjectGuid), new AttemptId(ask.Attempt), Permit(ask.Permit));
            case "settle/1":
                var settle = Read<SettlePermitV1>(bytes);
                return new SettlePermit(
                    Account(settle.Forest, settle.ObjectGuid), new AttemptId(settle.Attempt), Permit(settle.Permit), How(settle.How));
            case "unlock/1":
                var unlock = Read<UnlockAccountV1>(bytes);
                return new UnlockAccount(Account(unlock.Forest, unlock.ObjectGuid));
            case "granted/1":
                var granted = Read<GrantedV1>(bytes);
                return new Answer.Granted(
                    Permit(granted.Permit), Duration(granted.LifetimeTicks, LockoutPolicy.MaxPermitLifetime));
            case "locked/1":
                return new Answer.Locked(Duration(Read<LockedV1>(bytes).ForTicks, LockoutPolicy.MaxLockTime));
            case "too-many-open/1":
                Read<TooManyOpenV1>(bytes);
                return new Answer.TooManyOpen();
            case "settled/1":
                Read<SettledV1>(bytes);
                return new Answer.Settled();
            case "unlocked/1":
                Read<UnlockedV1>(bytes);
                return new Answer.Unlocked();
            default:
                throw Unknown(manifest);
        }
    }

    private static T Read<T>(byte[] bytes) => (T)Hyperion.Read(bytes, typeof(T));

    private static AccountKey Account(string forest, Guid objectGuid) =>
        AccountKey.TryCreate(forest, objectGuid) ?? throw Invalid("forest");

    private static ulong Permit(ulong permit) => permit != AssumedPermit ? permit : throw Invalid("permit");

    private static Settlement How(int how) => Enum.IsDefined((Settlement)how) ? (Settlement)how : throw Invalid("settlement");

    private static TimeSpan Duration(long ticks, TimeSpan most) =>
        ticks >= 0 && ticks <= most.Ticks ? TimeSpan.FromTicks(ticks) : throw Invalid("duration");

    private static SerializationException Invalid(string what) => new($"a message from another node holds an impossible {what}");

    private static SerializationException Unknown(string what) => new($"'{what}' does not cross between nodes");
}
