using Akka.Actor;
using Akka.Hosting;
using Passthrough.Agent.Forests;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Has a forest's names read now, and waits until this agent routes by them.</summary>
internal sealed class ForestsRefresh(ForestRows rows, SiteForests forests, IRequiredActor<ForestEntity> entities) : OperatorCommand(
    new("forests", "refresh", OperatorRole.Operate, "Reads a forest's names from its directory now, for all agents of the cluster: their routes may change.",
        ForestRows.Columns)
    {
        Arguments = [ForestRows.Forest],
        Layout = RowLayout.Record,
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == ForestRows.Forest.Name ? rows.Names : [];

    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var name = rows.Find(call.Line[ForestRows.Forest.Name]).Forest;
        var entity = await entities.GetAsync(deadline);
        var done = await entity.Ask<ForestProtocol.Refreshed>(new ForestProtocol.Refresh(name), deadline);
        if (done.Fault.Length > 0)
        {
            throw new OperatorRefusalException(OperatorRefusal.Unavailable, $"the names of {name} could not be read, the last stay in force: {done.Fault}");
        }

        await InForceAsync(name, done.Version).WaitAsync(deadline);
        return CommandStep.Of([rows.Of(rows.Find(name))]);
    }

    private async Task InForceAsync(string forest, long version)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        forests.Routes.Changed += Look;
        try
        {
            Look();
            await arrived.Task;
        }
        finally
        {
            forests.Routes.Changed -= Look;
        }

        void Look()
        {
            if (forests.Routes.Of(forest)!.Version >= version)
            {
                arrived.TrySetResult();
            }
        }
    }
}
