using System.Text;
using Akka.Configuration;

namespace Passthrough.Agent.Hosting;

/// <summary>The files under <c>hocon/</c> beside the program, one per concern.</summary>
internal static class HoconFiles
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "hocon");

    /// <summary>Read as one text, because a reference from one file into another is resolved within one parse only.</summary>
    /// <exception cref="ClusterStartException">A file is missing or cannot be parsed.</exception>
    public static Config Load()
    {
        try
        {
            var text = new StringBuilder();
            foreach (var file in Directory.GetFiles(Folder, "*.conf").Order(StringComparer.Ordinal))
            {
                text.AppendLine(File.ReadAllText(file));
            }

            return ConfigurationFactory.ParseString(text.ToString());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or ConfigurationException)
        {
            throw new ClusterStartException($"the files in {Folder} cannot be read: {fault.Message}. Install the agent again", fault);
        }
    }
}
