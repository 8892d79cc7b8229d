using Passthrough.Decisions.Attempts;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>What must hold of every history (docs/ARCHITECTURE.md, "What never happens"), judged by facts from outside of the product: no
/// rule of its own is asked. Pure.</summary>
internal static class HistoryChecker
{
    /// <summary>A bind that the directory answered later than the agents wait was one without an answer to them.</summary>
    private static readonly TimeSpan BindPatience = TimeSpan.FromSeconds(3);

    /// <returns>One line for each violation.</returns>
    public static IReadOnlyList<string> Violations(History history)
    {
        var facts = new Facts(history);
        return
        [
            .. OneAnswer(history),
            .. history.Requests.Select(request => request.Account).Distinct().Order().SelectMany(account => OfAccount(history, facts, account)),
            .. history.Answers.Where(answer => facts.Asked.ContainsKey(answer.Request)).SelectMany(answer => OfAnswer(history, facts, answer)),
            .. Doubled(history.Answers.Where(answer => answer.Permit is not null), answer => answer.Permit!.Value, "two binds under permit"),
        ];
    }

    private static IEnumerable<string> OneAnswer(History history)
    {
        var answers = history.Answers.ToLookup(answer => answer.Request);
        foreach (var request in history.Requests)
        {
            var of = answers[request.Number].ToList();
            if (of.Count != 1)
            {
                yield return $"{of.Count} answers: request {request.Number} of account {request.Account}, asked at {Text(request.Asked)}";
            }
            else if (of[0].At - request.Asked > history.Deadline)
            {
                yield return $"late answer: request {request.Number} of account {request.Account} after {(of[0].At - request.Asked).TotalSeconds:0.0} s";
            }
        }

        foreach (var line in Doubled(history.Answers, answer => answer.Attempt, "two answers of attempt"))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> OfAccount(History history, Facts facts, int account)
    {
        var wrong = facts.WrongBinds[account].ToList();
        var budget = history.Budget + facts.Forgotten;
        var begins = history.Cleared.Where(cleared => cleared.Account == account).Select(cleared => cleared.CommittedAt).ToList();
        foreach (var row in wrong.CountBy(bind => begins.Count(at => at <= (bind.ResultAt ?? bind.At))).Where(row => row.Value > budget))
        {
            yield return $"budget exceeded: {row.Value} binds with wrong passwords for account {account}, {budget} allowed";
        }

        // One permit of a class may be in memory only; it is lost with its owner, and the request that had it was open then.
        var lost = history.Losses.Count(loss => wrong.Any(bind => facts.WasOpenIn(loss, bind.Request))) + facts.Forgotten;
        var permitted = Math.Max(
            facts.StoredOf[account].DistinctBy(stored => (stored.Permit, stored.Sequence)).Count(), history.Counted.GetValueOrDefault(account));
        if (wrong.Count > permitted + lost)
        {
            yield return $"bind without a permit: {wrong.Count} binds with wrong passwords for account {account}, {permitted} permits are stored, {lost} may have been lost";
        }
    }

    private static IEnumerable<string> OfAnswer(History history, Facts facts, Answer answer)
    {
        var request = facts.Asked[answer.Request];
        var who = $"request {request.Number} of account {request.Account}, answered at {Text(answer.At)}";
        if (answer.Verdict == Verdict.Success && !request.IsRight)
        {
            yield return $"wrong password accepted: {who}";
        }

        if (answer.Verdict is Verdict.Success or Verdict.BadPassword && answer.Permit is null)
        {
            yield return $"bind without a permit: {who} names none";
        }

        if (answer.Verdict == Verdict.BadPassword && !request.IsRight && !IsStored(history, facts, request, answer))
        {
            yield return $"answered before stored: {who}, permit {answer.Permit}";
        }

        if (request.IsRight && answer.Verdict.Row().Public == PublicMeaning.WrongNameOrPassword && !IsExplained(history, facts, request, answer))
        {
            yield return $"right password refused: {who}, {answer.Verdict}";
        }

        // Each dispatch may have lost the answer of a bind that failed with its agent.
        if (facts.BindsOf[request.Number].Count(bind => IsFinal(bind, facts.BindsOf[request.Number])) is var finals && finals > Math.Max(1, answer.Dispatches))
        {
            yield return $"wrong password tried again: {who}, {finals} binds in {answer.Dispatches} dispatches";
        }
    }

    /// <summary>The charge, or the slot, or the charge that is assumed after a crash and stands for it. What was counted while the
    /// journal was down is stored afterwards, and judged with the account.</summary>
    private static bool IsStored(History history, Facts facts, Request request, Answer answer) =>
        history.Outages.Any(outage => outage.Meets(new Span(request.Asked, answer.At)))
        || facts.StoredOf[request.Account].Any(stored => stored.CommittedAt <= answer.At
            && (stored.Permit == answer.Permit || (stored.Permit == 0 && facts.WasOpenAtLoss(request.Number))));

    /// <summary>Binds without an answer count as failures, so they may lock a class: with half the budget while the journal is down. They
    /// were seen at the directory, or whoever asked was told of each.</summary>
    private static bool IsExplained(History history, Facts facts, Request request, Answer answer)
    {
        var unanswered = facts.RightBinds[request.Account].Where(bind =>
            bind.At < answer.At && (bind.Result is null or not 0 || bind.ResultAt - bind.At > BindPatience || facts.WasOpenAtLoss(bind.Request))).ToList();
        var told = facts.RightAnswers[request.Account].Where(each => each.At < answer.At && each.Verdict.Row().Counting == Counting.Provisional);
        var doubts = unanswered.Count + told.Select(each => each.Request).Except(unanswered.Select(bind => bind.Request)).Count();
        return answer.Verdict == Verdict.SmartLocked && doubts + history.Losses.Length >= (history.Outages.IsEmpty ? history.Budget : history.Budget / 2);
    }

    /// <summary>The directory said no, and the agent heard it: what it waited for in vain it may have tried again, under another permit.</summary>
    private static bool IsFinal(Bind bind, IEnumerable<Bind> ofRequest) =>
        bind.Result == 49 && !ofRequest.Any(later => later.At - bind.At >= BindPatience);

    private static IEnumerable<string> Doubled<TKey>(IEnumerable<Answer> answers, Func<Answer, TKey> key, string what) =>
        answers.GroupBy(key).Where(same => same.Count() > 1).Select(same =>
            $"{what} {same.Key}: requests {string.Join(", ", same.Select(answer => answer.Request))}");

    private static string Text(DateTimeOffset at) => $"{at:HH:mm:ss.fff}";

    /// <summary>The history, by what is looked up in it.</summary>
    private sealed class Facts(History history)
    {
        private readonly Dictionary<int, DateTimeOffset> _answered =
            history.Answers.GroupBy(answer => answer.Request).ToDictionary(of => of.Key, of => of.Max(answer => answer.At));

        public Dictionary<int, Request> Asked { get; } = history.Requests.ToDictionary(request => request.Number);

        public ILookup<int, Bind> BindsOf { get; } = history.Binds.ToLookup(bind => bind.Request);

        /// <summary>By account.</summary>
        public ILookup<int, Bind> WrongBinds { get; } = Of(history, isRight: false);

        /// <summary>By account.</summary>
        public ILookup<int, Bind> RightBinds { get; } = Of(history, isRight: true);

        /// <summary>By account.</summary>
        public ILookup<int, Answer> RightAnswers { get; } = (
            from answer in history.Answers
            join request in history.Requests on answer.Request equals request.Number
            where request.IsRight
            select (request.Account, Answer: answer)).ToLookup(each => each.Account, each => each.Answer);

        public ILookup<int, Stored> StoredOf { get; } = history.Stored.ToLookup(stored => stored.Account);

        /// <summary>What docs/LOCKOUT.md says may be forgotten when a node dies while the journal is down: half of the budget, and the
        /// slots that it could not ask for.</summary>
        public int Forgotten { get; } =
            history.Losses.Count(loss => history.Outages.Any(outage => outage.Meets(loss))) * ((history.Budget / 2) + 2);

        public bool WasOpenAtLoss(int request) => history.Losses.Any(loss => WasOpenIn(loss, request));

        public bool WasOpenIn(Span loss, int request) =>
            loss.Meets(new Span(Asked[request].Asked, _answered.GetValueOrDefault(request, DateTimeOffset.MaxValue)));

        private static ILookup<int, Bind> Of(History history, bool isRight)
        {
            var asked = history.Requests.Where(request => request.IsRight == isRight).ToDictionary(request => request.Number);
            return history.Binds.Where(bind => asked.ContainsKey(bind.Request)).ToLookup(bind => asked[bind.Request].Account);
        }
    }
}
