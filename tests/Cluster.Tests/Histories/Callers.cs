using System.Collections.Concurrent;
using Passthrough.Decisions.Attempts;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>Who asks, from a seed: people with right passwords, strangers who guess, and owners who sign in at home while strangers guess. Each
/// account is of one history only.</summary>
internal sealed class Callers(FaultCluster cluster, int seed, int firstAccount)
{
    /// <summary>Accounts of one history.</summary>
    public const int Accounts = People + Owners + Victims;

    private const int People = 8, Owners = 3, Victims = 6, GuessesEach = 26;
    private static int _requests;

    private readonly Random _random = new(seed);
    private readonly ConcurrentQueue<Request> _asked = new();
    private readonly ConcurrentQueue<Answer> _answers = new();

    public IReadOnlyCollection<Request> Asked => _asked;

    public IReadOnlyCollection<Answer> Answers => _answers;

    /// <summary>The owners and people sign in, so that their sources are familiar before anything is recorded.</summary>
    public async Task WarmUpAsync()
    {
        foreach (var account in Signing)
        {
            await Eventually.TrueAsync($"account {account} signs in", TimeSpan.FromSeconds(60), async () => (await cluster.ValidateAsync(
                PeopleDirectory.NameOf(account), PeopleDirectory.PasswordOf(account), HomeOf(account))).Verdict == nameof(Verdict.Success));
        }
    }

    /// <summary>All ask until the time is over; ends when all have been answered.</summary>
    public async Task RunAsync(TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        List<Task> callers = [.. Signing.Select(account => SignInAsync(account, new Random(_random.Next()), end.Token))];
        foreach (var account in Guessed)
        {
            callers.AddRange(Enumerable.Range(0, GuessesEach).Select(_ => GuessAsync(account, _random.NextDouble() * length, end.Token)));

            // Several at the same moment.
            var together = _random.NextDouble() * length;
            callers.AddRange(Enumerable.Range(0, 6).Select(_ => GuessAsync(account, together, end.Token)));
        }

        await Task.WhenAll(callers);
    }

    /// <summary>One more of each, when all is well again: what is in memory only is stored with it. Who should sign in and does
    /// not; whether one is rightly locked is for the judge.</summary>
    public async Task<IReadOnlyList<string>> AfterwardsAsync()
    {
        await Task.WhenAll(Guessed.Select(account => AskAsync(account, isRight: false)));
        var answers = await Task.WhenAll(Signing.Select(account => AskAsync(account, isRight: true)));
        return [.. answers.Where(answer => answer?.Verdict is not (Verdict.Success or Verdict.SmartLocked)).Select(answer => $"not recovered: {answer}")];
    }

    private IEnumerable<int> Signing => Enumerable.Range(firstAccount, People + Owners);

    private IEnumerable<int> Guessed => Enumerable.Range(firstAccount + People, Owners + Victims);

    private static string HomeOf(int account) => $"203.{account / 250 % 250}.{account % 250}.7";

    private async Task SignInAsync(int account, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await AskAsync(account, isRight: true);
            await Task.Delay(random.Next(100, 500), CancellationToken.None);
        }
    }

    private async Task GuessAsync(int account, TimeSpan at, CancellationToken end)
    {
        await Task.Delay(at, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await AskAsync(account, isRight: false);
    }

    /// <returns>Null: no answer came that is one.</returns>
    private async Task<Answer?> AskAsync(int account, bool isRight)
    {
        var number = Interlocked.Increment(ref _requests);
        var name = number % 2 == 0 ? PeopleDirectory.NameOf(account) : PeopleDirectory.OldNameOf(account);
        var password = isRight ? PeopleDirectory.PasswordOf(account) : WrongPassword(number);
        _asked.Enqueue(new Request(number, account, isRight, TimeProvider.System.GetUtcNow()));
        try
        {
            var told = await cluster.ValidateAsync(name, password, isRight ? HomeOf(account) : null);
            var answer = new Answer(
                number, TimeProvider.System.GetUtcNow(), Enum.Parse<Verdict>(told.Verdict), told.AttemptId, told.Permit, told.Dispatches,
                told.Agent?.Name);
            _answers.Enqueue(answer);
            return answer;
        }
        catch (Exception fault) when (fault is HttpRequestException or InvalidOperationException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Another for each request, so that it is seen at the directory which one it was.</summary>
    public static string WrongPassword(int request) => $"wrong-{request}";

    public static int? RequestOf(string password) =>
        password.StartsWith("wrong-", StringComparison.Ordinal) ? int.Parse(password.AsSpan(6), System.Globalization.CultureInfo.InvariantCulture) : null;
}
