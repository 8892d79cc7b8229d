using Grpc.Core;
using Passthrough.Agent.Forests;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Operator;

/// <summary>Answers what <c>pbm</c> asks of this node.</summary>
internal sealed class OperatorService(OperatorParts parts, CommandRuns runs, NodeNames nodes) : Wire.V1.Operator.OperatorBase
{
    public override Task<PalettesReply> Palettes(PalettesRequest request, ServerCallContext context)
    {
        var caller = Caller(context, "");
        return Task.FromResult(new PalettesReply
        {
            Caller = caller.Name,
            MayOperate = caller.Role == Decisions.Operator.OperatorRole.Operate,
            Node = parts.Name,
            Commands =
            {
                parts.Palettes.Definitions.Select(definition => OperatorForm.Of(
                    definition, argument => argument == "node" ? nodes.All : parts.Palettes.Of(definition).Suggest(argument))),
            },
        });
    }

    public override async Task Run(RunRequest request, IServerStreamWriter<RunReply> responseStream, ServerCallContext context)
    {
        await foreach (var reply in runs.RunAsync([.. request.Words], Caller(context, request.Says), context.CancellationToken))
        {
            await responseStream.WriteAsync(reply, context.CancellationToken);
        }
    }

    private static OperatorCaller Caller(ServerCallContext context, string says) =>
        OperatorCallers.Of(context.GetHttpContext(), says)
        ?? throw new RpcException(new Grpc.Core.Status(StatusCode.PermissionDenied, "the certificate is not an operator's"));
}
