using Akka.Actor;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Lockout;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator;

/// <summary>Where operators' commands come in on this node, whichever node they were typed at: a handler for each, not more than a
/// bounded number at once.</summary>
internal sealed class OperatorNode : ReceiveActor
{
    /// <summary>Found by other nodes under this name (hocon/remote.conf).</summary>
    public const string Name = "operator";

    public const int MaxAtOnce = 32;

    private int _running;

    public OperatorNode(OperatorParts parts)
    {
        Receive<RunHere>(run =>
        {
            if (_running >= MaxAtOnce)
            {
                Sender.Tell(new RanHere(
                    parts.Name, CommandStep.Empty, OperatorRefusal.Unavailable, $"{parts.Name} runs {MaxAtOnce} commands already: try again"));
                return;
            }

            _running++;
            Context.Watch(Context.ActorOf(Props.CreateBy(new EntityProducer<CommandHandler>(() => new CommandHandler(parts))))).Forward(run);
        });
        Receive<Terminated>(_ => _running--);
    }
}

/// <summary>What every command of this node works with.</summary>
/// <param name="Name">Of this node, as people call it.</param>
/// <param name="IsNamed">By its name, its agent id or its address.</param>
internal sealed record OperatorParts(
    string Name, Func<string, bool> IsNamed, Palettes Palettes, OperatorAudit Audit, TimeProvider Clock, ILogger Log);
