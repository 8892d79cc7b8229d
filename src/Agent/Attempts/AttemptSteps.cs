using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>The rooms that a worker calls, each by one door. Every call ends by its token with an answer and does not
/// throw.</summary>
/// <param name="FindForest">Null: this site does not serve that forest.</param>
/// <param name="FindRoute">Where a suffix leads.</param>
/// <param name="HandOverAsync">To a peer, within that time. Takes no token: its time is its end.</param>
internal sealed record AttemptSteps(
    Func<string, ForestSteps?> FindForest,
    Func<string, Route> FindRoute,
    Func<PermitRequest, CancellationToken, Task<PermitAnswer>> AskPermitAsync,
    Func<AccountKey, AttemptId, ulong, Settlement, WrongPassword?, CancellationToken, Task<bool>> SettleAsync,
    Func<AccountKey, WrongPassword, CancellationToken, Task> RepeatAsync,
    Func<AttemptHeader, Attempt, TimeSpan, Task<PeerReply>> HandOverAsync);

/// <summary>As <see cref="RememberedAccounts"/>.</summary>
/// <param name="Names">What is known of them now.</param>
internal sealed record ForestSteps(
    string Forest,
    Func<AcceptedNames> Names,
    bool HasAlternateIds,
    RefusalPace Pace,
    Func<bool> IsReachable,
    Func<TypedName, CancellationToken, Task<LookupReply>> FindAccountAsync,
    Func<DirectoryAccount, TypedPassword, CancellationToken, Task<BindReply>> BindAsync);
