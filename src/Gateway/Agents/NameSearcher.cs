using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Google.Protobuf;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>Where a suffix leads to several forests: asks an agent of each, all at once and without the password, who knows the
/// name.</summary>
public sealed class NameSearcher(AgentPicker picker, TimeProvider time, ILogger<NameSearcher> log)
{
    /// <summary>How long wrong passwords took of names that were searched, by tenant: an ambiguous name is refused at that pace.</summary>
    private readonly ConcurrentDictionary<string, RefusalTimes> _pace = new(StringComparer.Ordinal);

    /// <exception cref="OperationCanceledException">The caller does not want to know any more.</exception>
    internal async Task<SearchDecision> RunAsync(AttemptInProgress attempt, ImmutableArray<TenantRoute> forests, CancellationToken cancel)
    {
        var deadline = time.GetTimestamp() + (long)(NameSearch.TimeFor(attempt.Left).TotalSeconds * time.TimestampFrequency);
        var answers = await Task.WhenAll(forests.Select(forest => AskAsync(attempt.Name, forest, deadline, cancel)));
        var decision = NameSearch.Decide([.. answers.Select(answer => answer.Answer)]);
        if (decision.Refusal == Verdict.AmbiguousRoute)
        {
            var accounts = forests.Zip(answers, (forest, answer) => $"{forest.Forest} {answer.Account}")
                .Where((_, i) => answers[i].Answer is SearchAnswer.Found or SearchAnswer.Several);
            log.AmbiguousName(attempt.Id, forests[0].Tenant, string.Join(", ", accounts));
            await WaitAsync(attempt, _pace.GetValueOrDefault(forests[0].Tenant, RefusalTimes.None), cancel);
        }

        return decision;
    }

    /// <summary>How an attempt whose name was searched has ended.</summary>
    internal void Learn(AttemptInProgress attempt, string tenant, Verdict verdict)
    {
        if (verdict == Verdict.BadPassword)
        {
            _pace.AddOrUpdate(
                tenant, static (_, took) => RefusalTimes.None.With(took), static (_, times, took) => times.With(took), attempt.Elapsed);
        }
    }

    private async Task WaitAsync(AttemptInProgress attempt, RefusalTimes times, CancellationToken cancel)
    {
        var left = times.Draw(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)))) - attempt.Elapsed;
        left = left < attempt.Left ? left : attempt.Left;
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, cancel);
        }
    }

    /// <summary>Asks one agent, and another if the first cannot say.</summary>
    private async Task<(SearchAnswer Answer, string Account)> AskAsync(
        TypedName name, TenantRoute forest, long deadline, CancellationToken cancel)
    {
        var (tried, broken) = ((List<string>)[], 0);
        for (var asked = 1; ; asked++)
        {
            var (agent, _) = await picker.TakeAsync(forest, tried, deadline, cancel);
            if (agent is null)
            {
                return (SearchAnswer.NoVerdict, "");
            }

            var reply = await agent.SendAsync(NewQuestion(name, forest, deadline), cancel);
            if (reply.Found is { Result: not NameFound.Types.Result.NoVerdict } found)
            {
                return Read(found);
            }

            broken += reply.End == DispatchEnd.StreamBroken ? 1 : 0;
            tried.Add(agent.Agent.Id);
            var end = reply.End == DispatchEnd.Answered ? DispatchEnd.ForestUnreachable : reply.End;
            if (!HandOver.Decide(end, null, asked, broken, time.GetElapsedTime(time.GetTimestamp(), deadline)).Again)
            {
                return (SearchAnswer.NoVerdict, "");
            }
        }
    }

    private static Dispatch NewQuestion(TypedName name, TenantRoute forest, long deadline)
    {
        var id = Guid.NewGuid();
        var question = new FindName
        {
            SearchId = ByteString.CopyFrom(id.ToByteArray(bigEndian: true)),
            Forest = forest.Forest,
            UserName = name.Text,
        };
        return new Dispatch(id, 0, new FromGateway { FindName = question }, deadline);
    }

    private static (SearchAnswer Answer, string Account) Read(NameFound found) => found.Result switch
    {
        NameFound.Types.Result.Found when found.Account.Length == 16 => (SearchAnswer.Found, new Guid(found.Account.Span).ToString("n")),
        NameFound.Types.Result.NotFound => (SearchAnswer.NotFound, ""),
        NameFound.Types.Result.Several => (SearchAnswer.Several, "several accounts"),
        _ => (SearchAnswer.NoVerdict, ""),
    };
}
