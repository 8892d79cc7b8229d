using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Wire.V1;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Forests;

/// <summary>What nodes tell each other of forests, in protobuf under a manifest that never changes its meaning. What is read is
/// checked here before it becomes a message; a manifest that is not known is refused.</summary>
internal sealed class ForestMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>On the wire between nodes.</summary>
    public const int Id = 7403;

    /// <summary>Of an attempt or of what is replied to it: as on the stream that it came from.</summary>
    private const int MaxAttemptBytes = 64 * 1024;
    private const int MaxTextBytes = 1024, MaxPathBytes = 512;

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        Register => "register/1",
        Published => "published/1",
        ReadNames => "read-names/1",
        NamesRead => "names-read/1",
        Refresh => "refresh/1",
        Refreshed => "refreshed/1",
        TakeOver => "take-over/1",
        TakenOver => "taken-over/1",
        _ => throw Unknown(o.GetType().ToString()),
    };

    public override byte[] ToBinary(object obj)
    {
        Google.Protobuf.IMessage message = obj switch
        {
            Register m => new Form.Register { Forest = m.Forest, View = Write(m.View) },
            Published m => Write(m),
            ReadNames m => new Form.ReadNames { Forest = m.Forest, Reading = m.Reading },
            NamesRead m => new Form.NamesRead
            {
                Forest = m.Forest,
                Reading = m.Reading,
                Names = m.Names is { } names ? ForestNamesForm.Write(names) : ByteString.Empty,
                ReadFrom = m.ReadFrom,
                Fault = Line(m.Fault),
            },
            Refresh m => new Form.Refresh { Forest = m.Forest },
            Refreshed m => new Form.Refreshed { Version = m.Version, Fault = Line(m.Fault) },
            TakeOver m => new Form.TakeOver { Attempt = m.Attempt.ToByteString() },
            TakenOver m => new Form.TakenOver { Reply = m.Reply?.ToByteString() ?? ByteString.Empty },
            _ => throw Unknown(obj.GetType().ToString()),
        };
        return message.ToByteArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return Read(bytes, manifest);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException or ArgumentException)
        {
            throw new SerializationException($"'{manifest}' from another node cannot be read", e);
        }
    }

    private object Read(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case "register/1":
                var register = Form.Register.Parser.ParseFrom(bytes);
                return new Register(Forest(register.Forest), Read(register.View));
            case "published/1":
                return Read(Form.Published.Parser.ParseFrom(bytes));
            case "read-names/1":
                var read = Form.ReadNames.Parser.ParseFrom(bytes);
                return new ReadNames(Forest(read.Forest), read.Reading);
            case "names-read/1":
                var answer = Form.NamesRead.Parser.ParseFrom(bytes);
                return new NamesRead(
                    Forest(answer.Forest), answer.Reading, answer.Names.IsEmpty ? null : Own(answer.Forest, ForestNamesForm.Read(answer.Names)),
                    Text(answer.ReadFrom), Text(answer.Fault));
            case "refresh/1":
                return new Refresh(Forest(Form.Refresh.Parser.ParseFrom(bytes).Forest));
            case "refreshed/1":
                var refreshed = Form.Refreshed.Parser.ParseFrom(bytes);
                return new Refreshed(Version(refreshed.Version), Text(refreshed.Fault));
            case "take-over/1":
                return new TakeOver(Attempt.Parser.ParseFrom(Bounded(Form.TakeOver.Parser.ParseFrom(bytes).Attempt)));
            case "taken-over/1":
                var reply = Bounded(Form.TakenOver.Parser.ParseFrom(bytes).Reply);
                return new TakenOver(reply.IsEmpty ? null : Reply(FromAgent.Parser.ParseFrom(reply)));
            default:
                throw Unknown(manifest);
        }
    }

    private static Form.NodeView Write(NodeView view) => new()
    {
        Agent = view.Agent,
        Name = view.Name,
        Reaches = view.Reaches,
        Load = (uint)view.Load,
        Version = view.Version,
        Controllers =
        {
            view.Controllers.Take(NodeView.MaxControllers).Select(each => new Form.ControllerView
            {
                Name = each.Name,
                Healthy = each.IsHealthy,
                LatencyUs = (uint)each.LatencyMicros,
                Outstanding = (uint)each.Outstanding,
                InSite = each.IsInSite,
                Pdc = each.IsPdc,
            }),
        },
    };

    private static Form.Published Write(Published m) => new()
    {
        Forest = m.Forest,
        Snapshot = m.Snapshot is not { } snapshot ? null : new Form.Snapshot
        {
            Version = snapshot.Version,
            ReadAtUnixMs = snapshot.ReadAt.ToUnixTimeMilliseconds(),
            ReadFrom = snapshot.ReadFrom,
            Names = ForestNamesForm.Write(snapshot.Names),
        },
        Nodes =
        {
            m.Nodes.Select(known => new Form.KnownNode
            {
                View = Write(known.View),
                Node = Serialization.SerializedActorPath(known.Node),
                AgeMs = (uint)Math.Clamp(known.Age.TotalMilliseconds, 0, uint.MaxValue),
            }),
        },
    };

    private static NodeView Read(Form.NodeView? m) => m is { Controllers.Count: <= NodeView.MaxControllers, Agent.Length: > 0 }
        ? new NodeView(
            Text(m.Agent), Text(m.Name), m.Reaches, Number(m.Load), Version(m.Version),
            [.. m.Controllers.Select(each => new ControllerView(
                Text(each.Name), each.Healthy, Number(each.LatencyUs), Number(each.Outstanding), each.InSite, each.Pdc))])
        : throw Invalid("view");

    private Published Read(Form.Published m) => new(
        Forest(m.Forest),
        m.Snapshot is not { } snapshot ? null : new ForestSnapshot(
            Own(m.Forest, ForestNamesForm.Read(snapshot.Names)),
            snapshot.Version > 0 ? snapshot.Version : throw Invalid("version"),
            snapshot.ReadAtUnixMs >= 0 && snapshot.ReadAtUnixMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? DateTimeOffset.FromUnixTimeMilliseconds(snapshot.ReadAtUnixMs)
                : throw Invalid("time"),
            Text(snapshot.ReadFrom)),
        m.Nodes.Count <= NodeView.MaxNodes
            ? [.. m.Nodes.Select(known => new KnownNode(Read(known.View), Node(known.Node), TimeSpan.FromMilliseconds(known.AgeMs)))]
            : throw Invalid("number of nodes"));

    /// <summary>Whatever it names, nothing is sent to it but messages of <see cref="ForestProtocol"/>.</summary>
    private IActorRef Node(string path) =>
        path.Length <= MaxPathBytes && ActorPath.TryParse(path, out _) ? system.Provider.ResolveActorRef(path) : throw Invalid("path");

    private static ForestNames Own(string forest, ForestNames names) => names.Name == forest ? names : throw Invalid("forest");

    private static FromAgent Reply(FromAgent reply) =>
        reply.BodyCase is FromAgent.BodyOneofCase.Answer or FromAgent.BodyOneofCase.NotAttempted ? reply : throw Invalid("reply");

    private static ByteString Bounded(ByteString bytes) => bytes.Length <= MaxAttemptBytes ? bytes : throw Invalid("size");

    private static string Forest(string name) => NameSuffix.IsDnsName(name) && NameSuffix.Normalise(name) == name ? name : throw Invalid("forest");

    private static int Number(uint number) => (int)Math.Min(number, int.MaxValue);

    private static long Version(long version) => version >= 0 ? version : throw Invalid("version");

    private static string Text(string text) =>
        Encoding.UTF8.GetByteCount(text) <= MaxTextBytes && !text.Any(char.IsControl) ? text : throw Invalid("text");

    /// <summary>A fault may quote what a directory said.</summary>
    private static string Line(string text) =>
        string.Concat(text.Take(MaxTextBytes / 3).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));

    private static SerializationException Invalid(string what) => new($"a message from another node holds an impossible {what}");

    private static SerializationException Unknown(string what) => new($"'{what}' does not cross between nodes");
}
