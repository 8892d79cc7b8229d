using Akka.Actor;

namespace Passthrough.Agent.Lockout;

/// <summary>Makes an entity by calling a delegate. <c>Props.Create</c> of an expression compiles each of its arguments anew for
/// every actor: measured, a millisecond of CPU for each account that comes into memory, two thirds of all that the agent
/// used.</summary>
internal sealed class EntityProducer<TActor>(Func<TActor> make) : IIndirectActorProducer
    where TActor : ActorBase
{
    public Type ActorType => typeof(TActor);

    public ActorBase Produce() => make();

    public void Release(ActorBase actor)
    {
        // Nothing is held for it.
    }
}
