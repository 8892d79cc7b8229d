using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator;

/// <summary>What nodes ask each other for an operator, in protobuf under a manifest that never changes its meaning. What is read is
/// checked here before it becomes a message; a manifest that is not known is refused.</summary>
internal sealed class OperatorMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>On the wire between nodes.</summary>
    public const int Id = 7404;

    private const int MaxTextLength = 2_048, MaxValues = 32;

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        RunHere => "run/1",
        RanHere => "ran/1",
        AskStanding => "ask-standing/1",
        Standing => "standing/1",
        _ => throw Unknown(o.GetType().ToString()),
    };

    public override byte[] ToBinary(object obj)
    {
        Google.Protobuf.IMessage message = obj switch
        {
            RunHere m => new Form.RunHere { Words = { m.Words }, Caller = m.By.Name, MayOperate = m.By.Role == OperatorRole.Operate, Cursor = m.Cursor },
            RanHere m => new Form.RanHere
            {
                Node = m.Node,
                Rows = { m.Step.Rows.Select(row => new Form.Row { Values = { row } }) },
                Cursor = m.Step.Cursor,
                Progress = m.Step.Progress,
                Note = m.Step.Note,
                Done = m.Step.IsDone,
                Refusal = m.Refusal is { } refusal ? (int)refusal + 1 : 0,
                Message = m.Message,
            },
            AskStanding m => new Form.AskStanding { Account = m.Account.ToString() },
            Standing m => new Form.Standing { Node = m.Node, Notice = m.Notice, Classes = { m.Account.Classes.Select(Write) }, Sources = m.Account.Sources },
            _ => throw Unknown(obj.GetType().ToString()),
        };
        return message.ToByteArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return manifest switch
            {
                "run/1" => Read(Form.RunHere.Parser.ParseFrom(bytes)),
                "ran/1" => Read(Form.RanHere.Parser.ParseFrom(bytes)),
                "ask-standing/1" => new AskStanding(
                    AccountKey.TryParse(Form.AskStanding.Parser.ParseFrom(bytes).Account) ?? throw Invalid("account")),
                "standing/1" => Read(Form.Standing.Parser.ParseFrom(bytes)),
                _ => throw Unknown(manifest),
            };
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException)
        {
            throw new SerializationException($"'{manifest}' from another node cannot be read", e);
        }
    }

    private static RunHere Read(Form.RunHere m) => m.Words.Count <= CommandLine.MaxWords
        ? new RunHere(
            [.. m.Words.Select(Text)], new OperatorCaller(Text(m.Caller), m.MayOperate ? OperatorRole.Operate : OperatorRole.Read), Cursor(m.Cursor))
        : throw Invalid("number of words");

    private static RanHere Read(Form.RanHere m) => m.Rows.Count <= CommandHandler.MaxRows && m.Rows.All(row => row.Values.Count <= MaxValues)
        ? new RanHere(
            Text(m.Node),
            new CommandStep([.. m.Rows.Select(row => row.Values.Select(Text).ToImmutableArray())])
            {
                Cursor = Cursor(m.Cursor),
                Progress = Text(m.Progress),
                Note = Text(m.Note),
                IsDone = m.Done,
            },
            m.Refusal == 0 ? null : Enum.IsDefined((OperatorRefusal)(m.Refusal - 1)) ? (OperatorRefusal)(m.Refusal - 1) : throw Invalid("refusal"),
            Text(m.Message))
        : throw Invalid("number of rows");

    private static Standing Read(Form.Standing m) => m.Classes.Count == 2
        ? new Standing(Text(m.Node), Text(m.Notice), new AccountStanding([.. m.Classes.Select(Read)], m.Sources))
        : throw Invalid("number of classes");

    private static Form.ClassStanding Write(ClassStanding m) => new()
    {
        Failures = m.Failures,
        Budget = m.Budget,
        Open = m.Open,
        Left = m.Left,
        WithSlot = m.WithSlot,
        LockedUntilUnixMs = m.LockedUntil?.ToUnixTimeMilliseconds() ?? 0,
        Locks = m.Locks,
        LastFailedUnixMs = m.LastFailedAt?.ToUnixTimeMilliseconds() ?? 0,
    };

    private static ClassStanding Read(Form.ClassStanding m) => new(
        m.Failures, m.Budget, m.Open, m.Left, m.WithSlot, Time(m.LockedUntilUnixMs), m.Locks, Time(m.LastFailedUnixMs));

    private static DateTimeOffset? Time(long unixMs) => unixMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    private static long Cursor(long cursor) => cursor >= 0 ? cursor : throw Invalid("cursor");

    /// <summary>Nothing that a log or a terminal could take for more than text.</summary>
    private static string Text(string text) => text.Length <= MaxTextLength && !text.Any(char.IsControl) ? text : throw Invalid("text");

    private static SerializationException Invalid(string what) => new($"a message from another node holds an impossible {what}");

    private static SerializationException Unknown(string what) => new($"'{what}' does not cross between nodes");
}
