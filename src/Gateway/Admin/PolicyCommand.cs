using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Passthrough.Agent.Connector;
using Passthrough.Audit;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Admin;

/// <summary><c>tenant policy</c>: the numbers of the lockout rule for one tenant.</summary>
internal static class PolicyCommand
{
    public static Command Create(AdminRunner runner)
    {
        var id = new Argument<string>("TENANT") { Description = "As tenant list shows it." };
        var reset = new Option<bool>("--reset") { Description = "Forget what was set before; what is given beside it is set." };
        Number[] numbers =
        [
            new("budget", "Wrong passwords before an account is locked: 2 to 50.", n => n.HasBudget,
                (n, value) => n.Budget = (uint)Math.Min(value, uint.MaxValue), p => p.Budget, ParseCount),
            new("lockTime", "How long the first lock lasts: 1 s to 24 h.", n => n.HasLockTimeMs,
                (n, value) => n.LockTimeMs = value, p => Text(p.LockTime), ParseTime),
            new("longestLock", "No lock lasts longer, however many came before it: the first lock's time to 24 h.", n => n.HasLongestLockMs,
                (n, value) => n.LongestLockMs = value, p => Text(p.LongestLock), ParseTime),
            new("permitLifetime", "How long a permit for one bind is good for: 1 s to 2 min.", n => n.HasPermitLifetimeMs,
                (n, value) => n.PermitLifetimeMs = value, p => Text(p.PermitLifetime), ParseTime),
            new("failureMemory", "Failures are forgotten this long after the last of them: 1 h to 30 days.", n => n.HasFailureMemoryMs,
                (n, value) => n.FailureMemoryMs = value, p => Text(p.FailureMemory), ParseTime),
            new("sourceMemory", "A source stays familiar this long after a sign-in from there: 1 to 400 days.", n => n.HasSourceMemoryMs,
                (n, value) => n.SourceMemoryMs = value, p => Text(p.SourceMemory), ParseTime),
        ];
        var policy = new Command(
            "policy", "Show the lockout policy of a tenant, or change it; connected agents have it within a second. "
            + "Times are [DAYS.]HH:MM:SS. A change needs --reason.")
        {
            id, reset,
        };
        Array.ForEach(numbers, number => policy.Add(number.Option));
        var reason = ReasonOption.Create(isRequired: false);
        policy.Add(reason);
        policy.Validators.Add(given =>
        {
            if (given.GetResult(reason) is null && numbers.Select(number => (Option)number.Option).Append(reset).Any(option => given.GetResult(option) is { Implicit: false }))
            {
                given.AddError("--reason is missing: the policy is changed.");
            }
        });
        policy.SetAction((parsed, cancel) => runner(
            parsed, session => RunAsync(session, parsed, parsed.GetRequiredValue(id), parsed.GetValue(reset), numbers), cancel));
        return policy;
    }

    private static async Task<AdminResult> RunAsync(AdminSession session, ParseResult parsed, string id, bool reset, Number[] numbers)
    {
        var tenant = await session.FindTenantAsync(id);
        var set = reset ? new LockoutNumbers() : TenantPolicy.Read(tenant.LockoutPolicy);
        foreach (var number in numbers)
        {
            if (parsed.GetValue(number.Option) is { } value)
            {
                number.Set(set, value);
            }
        }

        var policy = PolicyNumbers.Over(set, new LockoutPolicy());
        if (policy.Faults() is { Count: > 0 } faults)
        {
            throw new StartFaultException([.. faults.Select(fault => new StartFault(FaultKind.Refused, fault))]);
        }

        if (TenantPolicy.Write(set) is var stored && stored != tenant.LockoutPolicy)
        {
            tenant.LockoutPolicy = stored;
            await session.SaveAsync();
        }

        return AdminResult.List(
            numbers,
            ("number", number => number.Name),
            ("value", number => number.Show(policy)),
            ("source", number => number.IsSet(set) ? "tenant" : "default"));
    }

    private static ulong? ParseCount(ArgumentResult given) =>
        ulong.TryParse(given.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : Refuse(given, "is not a number");

    private static ulong? ParseTime(ArgumentResult given) =>
        TimeSpan.TryParseExact(given.Tokens[0].Value, ["c", "g"], CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.Zero
            ? (ulong)time.TotalMilliseconds
            : Refuse(given, "is not a time: [DAYS.]HH:MM:SS");

    private static ulong? Refuse(ArgumentResult given, string why)
    {
        given.AddError($"'{given.Tokens[0].Value}' {why}.");
        return null;
    }

    private static string Text(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);

    /// <param name="Name">In JSON; as an option with hyphens.</param>
    /// <param name="Set">Takes a count, or milliseconds.</param>
    private sealed record Number(
        string Name, string What, Func<LockoutNumbers, bool> IsSet, Action<LockoutNumbers, ulong> Set,
        Func<LockoutPolicy, JsonNode> Show, Func<ArgumentResult, ulong?> Parse)
    {
        public Option<ulong?> Option { get; } =
            new("--" + string.Concat(Name.Select(c => char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{c}")))
            {
                Description = $"{What} Default {Show(new LockoutPolicy())}.",
                CustomParser = Parse,
            };
    }
}
