using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Agents;

namespace Passthrough.Gateway.SignIn;

/// <summary>Asks an agent: <see cref="Dispatcher.ValidateAsync"/>, unless another is registered before sign-in is added.
/// Answers by the deadline whatever happens, and never throws for a failure.</summary>
public delegate Task<ValidationOutcome> ValidatePassword(
    string tenant, TypedName name, TypedPassword password, ClientSource source, CancellationToken cancel);
