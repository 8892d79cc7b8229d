using Microsoft.Extensions.Configuration;

namespace Passthrough.Agent.Hosting;

/// <summary>Reads the site's options: agent.json, then the environment over it.</summary>
internal static class AgentConfiguration
{
    public const string DefaultFile = "/etc/passthrough-agent/agent.json";
    public const string FileVariable = "PASSTHROUGH_AGENT_CONFIG";

    /// <summary>Environment variables that are options: <c>PASSTHROUGH_AGENT__Section__Key</c>.</summary>
    public const string OptionPrefix = "PASSTHROUGH_AGENT__";

    /// <param name="file">Null: <see cref="DefaultFile"/>, which may be missing.</param>
    /// <param name="environment">The process's environment.</param>
    /// <param name="validate">Which ranges matter for the command at hand.</param>
    /// <exception cref="StartFaultException">The file cannot be read, or something in it is wrong: all faults.</exception>
    public static AgentOptions Read(
        string? file, IReadOnlyDictionary<string, string> environment, Func<AgentOptions, IEnumerable<string>> validate)
    {
        var configuration = Load(file, environment);
        var shape = ConfigurationShape.Faults(configuration, typeof(AgentOptions));
        var options = new AgentOptions();

        // What cannot be read is left out, so that the ranges of everything else are checked in the same pass.
        Without(configuration, shape).Bind(options);
        if (options.Journal.Path.Length == 0)
        {
            options.Journal.Path = Path.Combine(options.StateDirectory, "journal.db");
        }

        var where = file ?? DefaultFile;
        var faults = shape.Select(f => f.Message).Concat(validate(options))
            .Select(message => new StartFault(FaultKind.ConfigurationWrong, $"{message} (in {where} or the environment)"))
            .ToList();
        return faults.Count == 0 ? options : throw new StartFaultException(faults);
    }

    private static IConfigurationRoot Load(string? file, IReadOnlyDictionary<string, string> environment)
    {
        var path = Path.GetFullPath(file ?? DefaultFile);
        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(path, optional: file is null, reloadOnChange: false)
                .AddInMemoryCollection(FromEnvironment(environment))
                .Build();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or UnauthorizedAccessException)
        {
            var reason = (e.InnerException ?? e).Message.ReplaceLineEndings(" ");
            throw new StartFaultException(
                FaultKind.ConfigurationUnreadable, $"the configuration file {path} cannot be read: {reason}", e);
        }
    }

    private static Dictionary<string, string?> FromEnvironment(IReadOnlyDictionary<string, string> environment) =>
        environment.Where(pair => pair.Key.StartsWith(OptionPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(
                pair => pair.Key[OptionPrefix.Length..].Replace("__", ":", StringComparison.Ordinal),
                string? (pair) => pair.Value,
                StringComparer.OrdinalIgnoreCase);

    private static IConfigurationRoot Without(IConfigurationRoot configuration, IReadOnlyList<ShapeFault> faults)
    {
        var bad = faults.Select(f => f.Path).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // A null (of a section, or as JSON writes it) leaves the default.
        return new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.AsEnumerable().Where(pair => pair.Value is not null && !bad.Contains(pair.Key)))
            .Build();
    }
}
