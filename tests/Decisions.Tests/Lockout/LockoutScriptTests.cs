using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>Plays the scripts beside this file. A line is what happens, when, and what comes of it; "stored" says that the
/// answer waits for the journal, "remembered" that something is written and nobody waits for it. Sources: home, away, phone (a
/// device, at home), roaming (the same, away) and n1, n2 and so on (networks); without one it comes from nowhere.</summary>
public sealed partial class LockoutScriptTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests/Decisions.Tests/Lockout/Scripts");
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AccountKey Account = new("corp.example", Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"));

    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Folder).Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Theory, MemberData(nameof(Scripts))]
    public void A_script_plays_as_it_reads(string name)
    {
        var stage = new Stage();
        var lines = File.ReadAllLines(Path.Combine(Folder, name + ".txt"));
        foreach (var (line, number) in lines.Select((line, index) => (line.Trim(), index + 1)).Where(l => l.Item1.Length > 0 && l.Item1[0] != '#'))
        {
            if (Setting().Match(line) is { Success: true } setting)
            {
                stage.Policy = Set(stage.Policy, setting.Groups["name"].Value, setting.Groups["value"].Value);
                continue;
            }

            var step = Step().Match(line);
            Assert.True(step.Success, $"line {number}: cannot be read");
            var happens = stage.Play(
                step.Groups["verb"].Value, step.Groups["permit"].Value, step.Groups["source"].Value, Start + Span(step.Groups["at"].Value));
            Assert.Equal($"line {number}: {step.Groups["expected"].Value}", $"line {number}: {happens}");
        }
    }

    private static LockoutPolicy Set(LockoutPolicy policy, string name, string value) => name switch
    {
        "budget" => policy with { Budget = int.Parse(value, CultureInfo.InvariantCulture) },
        "lock" => policy with { LockTime = Span(value) },
        "longest" => policy with { LongestLock = Span(value) },
        "sources" => policy with { SourceMemory = Span(value) },
        "lifetime" => policy with { PermitLifetime = Span(value) },
        _ => policy with { FailureMemory = Span(value) },
    };

    private static TimeSpan Span(string text) =>
        double.Parse(text[..^1], CultureInfo.InvariantCulture) * (text[^1] == 'h' ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"^(?<name>budget|lock|longest|lifetime|memory|sources) (?<value>\w+)$")]
    private static partial Regex Setting();

    [GeneratedRegex(@"^(?<verb>\w+)( (?<permit>\d+))?( from (?<source>\w+))? +\+(?<at>\d+s)( +-> (?<expected>.+))?$")]
    private static partial Regex Step();

    /// <summary>One account and its ledger.</summary>
    private sealed class Stage
    {
        private LedgerState _ledger = LedgerState.Apply(LedgerState.Empty, new LedgerOpened(Start));
        private Attendance _attendance = Attendance.Of(LedgerState.Empty, Start);
        private AccountState? _state;

        public LockoutPolicy Policy { get; set; } = new();

        public string Play(string verb, string permit, string source, DateTimeOffset now)
        {
            switch (verb)
            {
                case "crash":
                    Restart(now);
                    return "";
                case "stop":
                    _ledger = LedgerState.Apply(_ledger, _attendance.Close(now, Policy));
                    Restart(now);
                    return "";
            }

            if (_state is null)
            {
                (_attendance, _state) = _attendance.Enter(_ledger, Account, now, Policy);
            }

            var from = SourceOf(source);
            var decision = LockoutDecider.Decide(_state, Command(verb, permit, from), now, Policy);
            _state = decision.Next;
            _ledger = decision.ToStore.Aggregate(_ledger, LedgerState.Apply);
            if (verb == "retire")
            {
                (_attendance, _state) = (_attendance.Leave(Account), null);
            }

            return Say(decision.Answer, from) + (decision.MustStore ? ", stored" : decision.ToStore.IsEmpty ? "" : ", remembered");
        }

        private void Restart(DateTimeOffset now)
        {
            _attendance = Attendance.Of(_ledger, now);
            _ledger = LedgerState.Apply(_ledger, new LedgerOpened(now));
            _state = null;
        }

        private static ICommand Command(string verb, string number, ClientSource source)
        {
            var permit = number.Length == 0 ? 0 : ulong.Parse(number, CultureInfo.InvariantCulture);
            var attempt = new AttemptId(new Guid((int)permit, 0, 0, new byte[8]));
            return verb switch
            {
                "ask" => new AskPermit(Account, source, attempt, permit),
                "wrong" => new SettlePermit(Account, attempt, permit, Settlement.Failed),
                "refund" => new SettlePermit(Account, attempt, permit, Settlement.Refunded),
                "right" => new SettlePermit(Account, attempt, permit, Settlement.Succeeded),
                "unlock" => new UnlockAccount(Account, "test", ""),
                "retire" => new RetireAccount(Account),
                _ => throw new ArgumentException(verb),
            };
        }

        private static ClientSource SourceOf(string name) => name switch
        {
            "" => ClientSource.Nowhere,
            "home" => ClientSource.Of(IPAddress.Parse("192.0.2.1"), null),
            "phone" => ClientSource.Of(IPAddress.Parse("192.0.2.2"), new Guid(1, 0, 0, new byte[8])),
            "away" => ClientSource.Of(IPAddress.Parse("198.51.100.1"), null),
            "roaming" => ClientSource.Of(IPAddress.Parse("198.51.100.2"), new Guid(1, 0, 0, new byte[8])),
            _ => ClientSource.Of(IPAddress.Parse($"10.0.{int.Parse(name[1..], CultureInfo.InvariantCulture)}.1"), null),
        };

        private static string Say(Answer answer, ClientSource source) => answer switch
        {
            Answer.Granted => "granted",
            Answer.Locked locked => $"locked for {locked.Notice.LeftFor(source, TimeSpan.Zero).TotalSeconds}s",
            Answer.TooManyOpen => "too many open",
            Answer.Settled => "settled",
            Answer.Unlocked => "unlocked",
            _ => "retired",
        };
    }
}
