using Passthrough.Agent.Hosting;

namespace Passthrough.Gateway.Hosting;

/// <summary>Reads the site's options: gateway.json, then the environment over it.</summary>
internal static class GatewayConfiguration
{
    public const string DefaultFile = "/etc/passthrough-gateway/gateway.json";
    public const string FileVariable = "PASSTHROUGH_GATEWAY_CONFIG";

    /// <summary>Environment variables that are options: <c>PASSTHROUGH_GATEWAY__Section__Key</c>.</summary>
    public const string OptionPrefix = "PASSTHROUGH_GATEWAY__";

    /// <param name="file">Null: <see cref="DefaultFile"/>, which may be missing.</param>
    /// <param name="environment">The process's environment.</param>
    /// <exception cref="StartFaultException">The file cannot be read, or something in it is wrong: all faults.</exception>
    public static GatewayOptions Read(string? file, IReadOnlyDictionary<string, string> environment)
    {
        var configuration = Load(file, environment);
        var shape = ConfigurationShape.Faults(configuration, typeof(GatewayOptions));
        var options = new GatewayOptions();

        // What cannot be read is left out, so that the ranges of everything else are checked in the same pass.
        Without(configuration, shape).Bind(options);
        var where = file ?? DefaultFile;
        var faults = shape.Select(f => f.Message).Concat(GatewayOptionsValidator.Faults(options))
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
                .AddInMemoryCollection(environment
                    .Where(pair => pair.Key.StartsWith(OptionPrefix, StringComparison.OrdinalIgnoreCase))
                    .Select(pair => KeyValuePair.Create(
                        pair.Key[OptionPrefix.Length..].Replace("__", ":", StringComparison.Ordinal), (string?)pair.Value)))
                .Build();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or UnauthorizedAccessException)
        {
            var reason = (e.InnerException ?? e).Message;
            throw new StartFaultException(
                FaultKind.ConfigurationUnreadable, $"the configuration file {path} cannot be read: {reason}", e);
        }
    }

    private static IConfigurationRoot Without(IConfigurationRoot configuration, IReadOnlyList<ShapeFault> faults)
    {
        var bad = faults.Select(f => f.Path).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.AsEnumerable().Where(pair => pair.Value is not null && !bad.Contains(pair.Key)))
            .Build();
    }
}
