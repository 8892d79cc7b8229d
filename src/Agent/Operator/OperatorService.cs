using Akka.Actor;
using Grpc.Core;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Operator;

/// <summary>Answers what <c>pbm</c> asks of this node.</summary>
internal sealed class OperatorService(ActorSystem system, AccountUnlock unlock, ForestQuestions forests) : Wire.V1.Operator.OperatorBase
{
    /// <summary>The cluster as this node sees it, members in the order in which they joined.</summary>
    public override Task<ClusterShowReply> ClusterShow(ClusterShowRequest request, ServerCallContext context)
    {
        var state = Akka.Cluster.Cluster.Get(system).State;
        var reply = new ClusterShowReply();
        foreach (var member in state.Members.OrderBy(member => member, Akka.Cluster.Member.AgeOrdering))
        {
            reply.Members.Add(new ClusterMember
            {
                Address = member.Address.ToString(),
                Roles = { member.Roles },
                Status = member.Status.ToString().ToLowerInvariant(),
                Reachable = !state.Unreachable.Contains(member),
                Leader = member.Address.Equals(state.Leader),
                Version = member.AppVersion.ToString(),
            });
        }

        return Task.FromResult(reply);
    }

    public override Task<AccountUnlockReply> AccountUnlock(AccountUnlockRequest request, ServerCallContext context) => AnswerAsync(async () =>
        new AccountUnlockReply
        {
            Account = (await unlock.UnlockAsync(request.Account, request.Operator, request.Reason, context.CancellationToken)).ToString(),
        });

    public override Task<RouteReply> Route(RouteRequest request, ServerCallContext context) =>
        AnswerAsync(() => forests.RouteAsync(request.Name, context.CancellationToken));

    public override Task<ForestsListReply> ForestsList(ForestsListRequest request, ServerCallContext context) => Task.FromResult(forests.List());

    public override Task<ForestsRefreshReply> ForestsRefresh(ForestsRefreshRequest request, ServerCallContext context) =>
        AnswerAsync(() => forests.RefreshAsync(request.Forest, context.CancellationToken));

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (OperatorRefusalException e)
        {
            var code = e.Why switch
            {
                OperatorRefusal.Malformed => StatusCode.InvalidArgument,
                OperatorRefusal.NotFound => StatusCode.NotFound,
                _ => StatusCode.Unavailable,
            };
            throw new RpcException(new Grpc.Core.Status(code, e.Message));
        }
    }
}
