using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator;

/// <summary>All commands of this node: every class that is one.</summary>
internal sealed class Palettes
{
    private readonly ImmutableArray<OperatorCommand> _commands;

    public Palettes(IServiceProvider services)
    {
        _commands =
        [
            .. typeof(Palettes).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(OperatorCommand)) && !type.IsAbstract)
                .Select(type => (OperatorCommand)ActivatorUtilities.CreateInstance(services, type))
                .OrderBy(command => command.Definition.Title, StringComparer.Ordinal),
        ];
        Definitions = [.. _commands.Select(command => command.Definition)];
    }

    /// <summary>In the order of their titles.</summary>
    public ImmutableArray<CommandDefinition> Definitions { get; }

    public OperatorCommand Of(CommandDefinition definition) => _commands.First(command => command.Definition == definition);
}
