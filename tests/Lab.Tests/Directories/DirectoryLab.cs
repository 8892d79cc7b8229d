using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>The lab as the directory tests see it. Runs inside the agent's namespace.</summary>
internal sealed class DirectoryLab : IDisposable
{
    public const string Dc1 = "dc1.corp.example", Dc2 = "dc2.corp.example", Fab1 = "fab1.fabrikam.test";

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("directory-lab").FullName;

    /// <summary>Options for a forest of the lab, with the service account that users.tsv names.</summary>
    public ForestOptions Options(string forest, params string[] controllers)
    {
        var options = new ForestOptions
        {
            Name = forest,
            NetBiosName = forest == "corp.example" ? "CORP" : "FABRIKAM",
            ServiceAccount = $"svc-ldap@{forest}",
            ServiceAccountPasswordFile = PasswordFile(LabPeople.Of(forest, "svc-ldap").Password),
            TrustedCaFile = LabPeople.Variable("LAB_CA"),
            // A machine that runs tests may be very busy; what tests time-outs sets its own.
            ConnectTimeout = TimeSpan.FromSeconds(20),
            SearchTimeout = TimeSpan.FromSeconds(20),
            BindTimeout = TimeSpan.FromSeconds(20),
        };
        foreach (var suffix in forest == "corp.example" ? new[] { "contoso.com", "shared.example" } : ["brand-b.example", "shared.example"])
        {
            options.Suffixes.Add(suffix);
        }

        foreach (var controller in controllers)
        {
            options.DomainControllers.Add(controller);
        }

        return options;
    }

    /// <summary>A path for a file that goes with the test.</summary>
    public string File(string name) => Path.Combine(_folder, name);

    public string PasswordFile(string password)
    {
        var file = Path.Combine(_folder, Path.GetRandomFileName());
        System.IO.File.WriteAllText(file, password + "\n");
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }

    public static ForestDirectory Open(ForestOptions options) =>
        ForestDirectory.Open(options, TimeProvider.System, NullLogger<ForestDirectory>.Instance);

    public static TypedPassword Password(string text)
    {
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate(text, out var password));
        return password!;
    }

    public static CancellationToken In(double seconds) => new CancellationTokenSource(TimeSpan.FromSeconds(seconds)).Token;

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);
}
