using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>Tells a gateway that searches a name in several forests whether one of this agent's forests knows it. No password is
/// there, so nothing is counted.</summary>
internal sealed class NameFinder(AttemptSteps steps, TimeProvider clock, ILogger<NameFinder> log)
{
    /// <summary>Whatever the gateway says.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(30);

    /// <summary>Never throws; ends by the question's deadline.</summary>
    public async Task<NameFound> FindAsync(FindName asked)
    {
        try
        {
            var time = TimeSpan.FromMilliseconds(asked.RemainingMs);
            using var deadline = new CancellationTokenSource(time < LongestTime ? time : LongestTime, clock);
            return steps.FindForest(asked.Forest) is not { } forest ? NoVerdict(asked)
                : TypedName.TryParse(asked.UserName) is not { } name || !IsRouted(name, forest) ? Reply(asked, NameFound.Types.Result.NotFound)
                : Read(asked, await forest.FindAccountAsync(name, deadline.Token));
        }
        catch (Exception e)
        {
            // The rooms keep deadlines and do not throw; if one does, there is still an answer.
            log.SearchFailed(e, asked.Forest);
            return NoVerdict(asked);
        }
    }

    /// <summary>Nobody was asked.</summary>
    public static NameFound NoVerdict(FindName asked) => Reply(asked, NameFound.Types.Result.NoVerdict);

    /// <summary>As for an attempt: a name that would not be looked up then is not known here.</summary>
    private bool IsRouted(TypedName name, ForestSteps forest) =>
        AttemptRoute.Of(name, steps.FindRoute(name.Suffix), forest.Forest, forest.HasAlternateIds).GoesOn;

    private static NameFound Read(FindName asked, LookupReply reply) => reply switch
    {
        LookupReply.Found found => Reply(asked, NameFound.Types.Result.Found, found.Account.ObjectGuid),
        LookupReply.NotFound { Why: Verdict.AmbiguousRoute } => Reply(asked, NameFound.Types.Result.Several),
        LookupReply.NotFound => Reply(asked, NameFound.Types.Result.NotFound),
        _ => NoVerdict(asked),
    };

    private static NameFound Reply(FindName asked, NameFound.Types.Result result, Guid? account = null) => new()
    {
        SearchId = asked.SearchId,
        Result = result,
        Account = account is { } guid ? ByteString.CopyFrom(guid.ToByteArray()) : ByteString.Empty,
    };
}
