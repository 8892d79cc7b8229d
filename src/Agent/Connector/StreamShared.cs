using Microsoft.Extensions.Logging;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Hosting;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>What every stream of this agent shares.</summary>
/// <param name="Health">What the next heartbeat tells, without the stream's own count.</param>
/// <param name="Suffixes">What the forests of this site say of their names now.</param>
/// <param name="Credits">How many attempts one gateway may have here at once, now.</param>
internal sealed record StreamShared(
    Intake Intake, NameFinder Finder, SealingKeyring Keyring, PolicyStore Policy, Func<AgentHeartbeat> Health,
    Func<IEnumerable<SiteSuffixes>> Suffixes, Func<int> Credits, TimeProvider Clock, SteadyClock Steady, ILogger Log, WorkGate Gate);
