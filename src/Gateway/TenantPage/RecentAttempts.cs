using System.Collections.Concurrent;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.TenantPage;
using Passthrough.Gateway.Agents;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.TenantPage;

/// <summary>An attempt that did not sign anybody in. Whose it was, the log knows.</summary>
internal readonly record struct FailureSeen(DateTimeOffset At, AttemptId Attempt, Verdict Verdict, string? Agent, string? Controller);

/// <summary>A domain controller, as answers named it.</summary>
/// <param name="BindMs">Of its binds, the later ones weighing more; null: it had none.</param>
internal sealed record ControllerNamed(string Name, DateTimeOffset LastAt, ControllerSeen Seen, double? BindMs);

/// <summary>What was seen of one tenant's attempts.</summary>
/// <param name="Verdicts">For each verdict that came: how often; the last step is not over.</param>
/// <param name="Failures">The newest first.</param>
internal sealed record AttemptsSeen(
    IReadOnlyList<(Verdict Verdict, Course Course)> Verdicts, IReadOnlyList<FailureSeen> Failures, IReadOnlyList<ControllerNamed> Controllers);

/// <summary>What this instance remembers of the attempts of the last minutes, for their tenant's page. In memory only, without
/// names; a clean sign-in costs it a lock that nobody else holds for longer, and no memory. May be used by many threads.</summary>
internal sealed class RecentAttempts(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, TenantAttempts> _tenants = new(StringComparer.Ordinal);
    private readonly long _began = Course.StepOf(time.GetUtcNow());

    /// <param name="tenant">One that exists.</param>
    public void Note(string tenant, ValidationOutcome outcome) =>
        Of(tenant).Note(time.GetUtcNow(), outcome.Attempt, outcome.Verdict, outcome.AgentName, outcome.Detail);

    /// <summary>What came to no agent.</summary>
    public void Note(string tenant, AttemptId attempt, Verdict verdict) => Of(tenant).Note(time.GetUtcNow(), attempt, verdict, null, null);

    public AttemptsSeen Look(string tenant) => Of(tenant).Look(Course.StepOf(time.GetUtcNow()));

    private TenantAttempts Of(string tenant) =>
        _tenants.TryGetValue(tenant, out var found) ? found : _tenants.GetOrAdd(tenant, static (_, began) => new TenantAttempts(began), _began);

    private sealed class TenantAttempts(long began)
    {
        private const int MaxFailures = 50, MaxControllers = 64;

        private readonly Lock _gate = new();
        private readonly Dictionary<Verdict, StepCounts> _verdicts = [];
        private readonly FailureSeen[] _failures = new FailureSeen[MaxFailures];
        private readonly Dictionary<string, ControllerNotes> _controllers = new(StringComparer.OrdinalIgnoreCase);
        private long _failed;

        public void Note(DateTimeOffset at, AttemptId attempt, Verdict verdict, string? agent, AnswerDetail? detail)
        {
            var step = Course.StepOf(at);
            var controller = detail?.DomainController is { Length: > 0 } named ? named : null;
            lock (_gate)
            {
                if (!_verdicts.TryGetValue(verdict, out var counts))
                {
                    _verdicts[verdict] = counts = new StepCounts(began);
                }

                counts.Count(step);
                if (verdict != Verdict.Success)
                {
                    _failures[_failed++ % MaxFailures] = new FailureSeen(at, attempt, verdict, agent, controller);
                }

                if (controller is not null)
                {
                    NotesOf(controller).Note(step, at, verdict.Row().Public == PublicMeaning.TryAgainLater, detail!.BindUs);
                }
            }
        }

        public AttemptsSeen Look(long step)
        {
            lock (_gate)
            {
                var kept = (int)Math.Min(_failed, MaxFailures);
                return new AttemptsSeen(
                    [.. _verdicts.Select(each => (each.Key, each.Value.UpTo(step)))],
                    [.. Enumerable.Range(1, kept).Select(back => _failures[(_failed - back) % MaxFailures])],
                    [.. _controllers.Select(each => each.Value.Look(each.Key, step)).OrderBy(each => each.Name, StringComparer.OrdinalIgnoreCase)]);
            }
        }

        /// <summary>An agent that makes names up replaces the oldest.</summary>
        private ControllerNotes NotesOf(string controller)
        {
            if (!_controllers.TryGetValue(controller, out var notes))
            {
                if (_controllers.Count == MaxControllers)
                {
                    _controllers.Remove(_controllers.MinBy(each => each.Value.LastAt).Key);
                }

                _controllers[controller] = notes = new ControllerNotes(began);
            }

            return notes;
        }
    }

    private sealed class ControllerNotes(long began)
    {
        /// <summary>Of the newest bind.</summary>
        private const double Weight = 0.1;

        private readonly StepCounts _answers = new(began), _failures = new(began);
        private bool _hasFailedLast;
        private double? _bindMs;

        public DateTimeOffset LastAt { get; private set; }

        public void Note(long step, DateTimeOffset at, bool isFailure, uint bindUs)
        {
            (LastAt, _hasFailedLast) = (at, isFailure);
            (isFailure ? _failures : _answers).Count(step);
            if (bindUs > 0)
            {
                var ms = bindUs / 1000.0;
                _bindMs = _bindMs is { } before ? before + ((ms - before) * Weight) : ms;
            }
        }

        public ControllerNamed Look(string name, long step) =>
            new(name, LastAt, new ControllerSeen(_answers.UpTo(step).Sum, _failures.UpTo(step).Sum, _hasFailedLast), _bindMs);
    }
}
