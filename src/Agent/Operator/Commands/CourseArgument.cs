using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>How much of what had a course in time is shown.</summary>
internal static class CourseArgument
{
    public static readonly ArgumentDefinition Steps = new("steps", $"How many steps of {Course.StepSeconds} s are shown, the oldest first.")
    {
        Switches = ["-s", "--steps"],
        Kind = ArgumentKind.Number,
        Default = "12",
        Least = 1,
        Most = Course.Steps,
    };
}
