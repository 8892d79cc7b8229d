using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Tests.Support;

internal sealed partial class PostgreSql
{
    /// <summary>The options of an agent that has its journal there; the connection string goes into the file.</summary>
    public static JournalOptions Journal(string file, string connection)
    {
        File.WriteAllText(file, connection);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new JournalOptions { Provider = JournalProvider.PostgreSql, ConnectionStringFile = file };
    }
}
