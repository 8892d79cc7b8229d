using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Agent.Operator;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Operator;
using Passthrough.OperatorConsole;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Operator;

/// <summary>docs/OPERATOR_CONSOLE.md says of the commands what is so, and the script makes what the port lets in.</summary>
public sealed class OperatorPageTests
{
    [Fact]
    public async Task Every_command_is_on_the_page_and_in_order_and_a_made_certificate_is_let_in()
    {
        await using var agent = await OperatorRig.StartAsync();
        var definitions = agent.Get<Palettes>().Definitions;
        var page = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "OPERATOR_CONSOLE.md"));
        var table = page.Split("| --- | --- | --- |\n")[1].Split("\n\n")[0].TrimEnd('\n');
        Assert.Equal(definitions.Select(Row), table.Split('\n'));
        Assert.All(definitions, AssertSound);
        Assert.All(definitions, AssertFits);

        using var folder = new ScratchDirectory();
        Assert.Equal(2, Run(folder.Path, "car ol", "operate"));
        Assert.Equal(0, Run(folder.Path, "erin", "read"));
        using var made = X509Certificate2.CreateFromPemFile(folder.File("erin.pem"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("erin.pem")));
        Assert.Equal(new Wire.Identity.OperatorIdentity("erin", false), Wire.Identity.OperatorIdentity.From(made));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("erin.p12")));
        using var forBrowsers = X509CertificateLoader.LoadPkcs12FromFile(folder.File("erin.p12"), "");
        Assert.Equal((made.Thumbprint, true), (forBrowsers.Thumbprint, forBrowsers.HasPrivateKey));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(folder.File("operators-ca.pem"));
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2"));
        Assert.True(chain.Build(made));
    }

    private static string Row(CommandDefinition command)
    {
        var places = command.Arguments.Where(each => each.Switches.IsEmpty).Select(each => $" {each.Name.ToUpperInvariant()}");
        var switches = command.Arguments.Where(each => !each.Switches.IsEmpty).Select(each => $" [{each.Switches[^1]}{(each.Kind == ArgumentKind.Flag ? "" : $" {each.Name.ToUpperInvariant()}")}]");
        return $"| `{command.Title}{string.Concat(places)}{string.Concat(switches)}` | {command.Role.ToString().ToLowerInvariant()} | {command.Description} |";
    }

    private static void AssertSound(CommandDefinition command)
    {
        Assert.Matches("^[a-z]+(-[a-z]+)*( [a-z]+(-[a-z]+)*)?$", command.Title);
        Assert.EndsWith(".", command.Description, StringComparison.Ordinal);
        Assert.Equal(command.AllColumns.Length, command.AllColumns.Select(column => column.Name).Distinct().Count());
        Assert.All(command.AllColumns, column => Assert.Matches("^[a-z][A-Za-z]*$", column.Name));
        Assert.All(command.AllArguments, argument => Assert.EndsWith(".", argument.Description, StringComparison.Ordinal));
        Assert.True(command.SortedBy.Length == 0 || command.AllColumns.Any(column => column.Name == command.SortedBy));
        Assert.True(command.Shown.Length == 0 || command.Arguments.Any(argument => argument.Name == command.Shown && argument.Kind == ArgumentKind.Number));

        // Defaults are within the bounds that are said.
        var least = command.AllArguments.Where(each => each.IsRequired).SelectMany(each => each.Switches.TakeLast(1).Append("x"));
        var given = command.AllArguments.Where(each => each.Default.Length > 0).SelectMany(each => each.Switches.TakeLast(1).Append(each.Default));
        Assert.Equal("", CommandLine.Parse([command], [.. command.Title.Split(' '), .. least, .. given]).Fault);
    }

    /// <summary>Whatever its values are: in a table also one that has no place to be broken at.</summary>
    private static void AssertFits(CommandDefinition command)
    {
        using var shown = new StringWriter { NewLine = "\n" };
        var output = new CommandOutput(new Screen(shown, TextWriter.Null), isJson: false);
        output.Take(OperatorForm.Columns(command));
        foreach (var value in (string[])[new string('x', command.Layout == RowLayout.Table ? 300 : 60), string.Join(' ', Enumerable.Repeat("several words", 30))])
        {
            output.Take(new RunReply { Row = new RunReply.Types.Row { Values = { command.AllColumns.Select(column => column.Kind == ColumnKind.Flag ? "true" : value) } } });
        }

        output.Take(new RunReply { Note = string.Join(' ', Enumerable.Repeat("a note", 30)) });
        output.Flush();
        Assert.All(shown.ToString().Split('\n'), line => Assert.True(line.Length <= 100, $"{command.Title}: {line.Length} columns: {line}"));
    }

    private static int Run(string folder, string name, string role)
    {
        using var made = Process.Start(new ProcessStartInfo(Path.Combine(Root(), "ops", "operator-certificate"), [folder, name, role])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        made.WaitForExit();
        return made.ExitCode;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Cluster.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
