using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Passthrough.Agent.Hosting;

/// <summary>Stands in the place of Akka's JSON serializer, which would make an object of whatever type a message names. Nothing
/// of ours is sent by it, so what comes in its name is refused.</summary>
public sealed class RefusingSerializer : Serializer
{
    /// <summary>The number that the JSON serializer has on the wire.</summary>
    public const int Id = 1;

    /// <param name="settings">Those of the JSON serializer, handed over because of the name in the configuration.</param>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system) => _ = settings;

    public override int Identifier => Id;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType()} has no serializer of ours");

    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("JSON is not read");
}
