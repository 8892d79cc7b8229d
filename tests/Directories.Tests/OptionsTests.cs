using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Accounts;
using Passthrough.Directories.Location;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Sound_options_have_no_fault() => Assert.Empty(ForestOptionsCheck.Faults(Sound(), "Forests:0"));

    [Fact]
    public void Every_fault_is_named_at_once_with_its_path()
    {
        var options = new ForestOptions
        {
            Name = "corp..example",
            NetBiosName = "SIXTEEN-LETTERS-",
            ServiceAccount = "svc",
            ConnectionsPerDomainController = 0,
            ConnectTimeout = TimeSpan.FromSeconds(31),
            BindTimeout = TimeSpan.FromMilliseconds(99),
            SearchTimeout = TimeSpan.Zero,
        };
        options.Suffixes.Add("a b");
        options.DomainControllers.Add("dc1:70000");
        options.AlternateIdAttributes.Add("mail)(cn=*");
        var faults = ForestOptionsCheck.Faults(options, "Forests:3");
        Assert.Equal(
            ["Name", "NetBiosName", "Suffixes", "AlternateIdAttributes", "ServiceAccount", "ServiceAccountPasswordFile", "TrustedCaFile", "DomainControllers",
                "ConnectionsPerDomainController", "ConnectTimeout", "BindTimeout", "SearchTimeout"],
            faults.Select(each => each.Split(' ')[0].Replace("Forests:3:", "", StringComparison.Ordinal)));
    }

    [Theory, InlineData(0, false), InlineData(1, true), InlineData(256, true), InlineData(257, false)]
    public void The_number_of_connections_has_its_range(int connections, bool isSound)
    {
        var options = Sound();
        options.ConnectionsPerDomainController = connections;
        Assert.Equal(isSound, ForestOptionsCheck.Faults(options, "F").Count == 0);
    }

    [Theory, InlineData(99, false), InlineData(100, true), InlineData(60_000, true), InlineData(60_001, false)]
    public void The_time_for_a_bind_has_its_range(int milliseconds, bool isSound)
    {
        var options = Sound();
        options.BindTimeout = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal(isSound, ForestOptionsCheck.Faults(options, "F").Count == 0);
    }

    [Theory]
    [InlineData("mail", true), InlineData("msDS-cloudExtensionAttribute1", true)]
    [InlineData("", false), InlineData("1.2.840", false), InlineData("mail;lang-en", false), InlineData("mäil", false), InlineData(" mail", false)]
    public void An_alternate_ID_is_the_name_of_an_attribute(string attribute, bool isSound)
    {
        var options = Sound();
        options.AlternateIdAttributes.Add(attribute);
        Assert.Equal(isSound, ForestOptionsCheck.Faults(options, "F").Count == 0);
    }

    [Theory, InlineData(8, true), InlineData(9, false)]
    public void The_number_of_alternate_IDs_is_bounded(int count, bool isSound)
    {
        var options = Sound();
        Enumerable.Range(0, count).ToList().ForEach(each => options.AlternateIdAttributes.Add($"extensionAttribute{each}"));
        Assert.Equal(isSound, ForestOptionsCheck.Faults(options, "F").Count == 0);
    }

    [Fact]
    public void Only_a_lab_may_go_without_a_CA_file()
    {
        var options = Sound();
        options.TrustedCaFile = "";
        Assert.Single(ForestOptionsCheck.Faults(options, "F"));
        options.LabOnlyPlainLdap = true;
        Assert.Empty(ForestOptionsCheck.Faults(options, "F"));
    }

    [Theory]
    [InlineData("dc1.corp.example", "dc1.corp.example", 636)]
    [InlineData("dc1.corp.example.", "dc1.corp.example", 636)]
    [InlineData(" dc1:3269 ", "dc1", 3269)]
    [InlineData("10.0.0.1:636", "10.0.0.1", 636)]
    [InlineData("[::1]:1636", "::1", 1636)]
    [InlineData("fe80::1", "fe80::1", 636)]
    [InlineData("[fe80::1]", "fe80::1", 636)]
    public void An_address_is_read(string text, string host, int port) =>
        Assert.Equal(new DirectoryAddress(host, port), DirectoryAddress.TryParse(text, 636));

    [Theory]
    [InlineData("dc1:636", "dc1"), InlineData("dc1:3269", "dc1:3269"), InlineData("[::1]:636", "::1"), InlineData("[::1]:1636", "[::1]:1636")]
    public void An_address_is_shown_as_it_may_be_written(string text, string shown) =>
        Assert.Equal(shown, DirectoryAddress.TryParse(text, 636)!.ToString());

    [Theory]
    [InlineData(""), InlineData(":636"), InlineData("dc1:"), InlineData("dc1:0"), InlineData("dc1:65536"), InlineData("dc1:+1")]
    [InlineData("dc 1"), InlineData("ldaps://dc1"), InlineData("[::1]:x")]
    public void What_is_no_address_is_refused(string text) => Assert.Null(DirectoryAddress.TryParse(text, 636));

    [Theory]
    [InlineData("secret", "secret"), InlineData("secret\n", "secret"), InlineData("secret\r\n", "secret")]
    [InlineData(" spaced ", " spaced "), InlineData("two\n\n", "two\n"), InlineData("Ünïcödé\n", "Ünïcödé")]
    public void A_password_file_is_read_without_the_newline_at_its_end(string content, string password)
    {
        using var folder = new TestFolder();
        using var read = ServiceAccountPassword.Read(folder.Write("password", content));
        Assert.Equal(password, read.Reveal(0, (_, bytes) => System.Text.Encoding.UTF8.GetString(bytes)));
    }

    [Theory, InlineData(768, true), InlineData(769, false), InlineData(5_000, false)]
    public void A_password_file_holds_as_much_as_a_password_may(int length, bool isSound)
    {
        using var folder = new TestFolder();
        var file = folder.Write("password", new string('p', length) + "\r\n");
        var fault = Record.Exception(() => ServiceAccountPassword.Read(file).Dispose());
        Assert.Equal(isSound, fault is null);
        Assert.True(isSound || fault is DirectoryFaultException);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupWrite, false)]
    public void A_password_file_that_others_can_reach_is_refused(UnixFileMode mode, bool isSound)
    {
        using var folder = new TestFolder();
        var file = folder.Write("password", "secret", mode);
        var fault = Record.Exception(() => ServiceAccountPassword.Read(file).Dispose());
        Assert.Equal(isSound, fault is null);
        Assert.True(isSound || fault!.Message.Contains("chmod 600", StringComparison.Ordinal));
    }

    [Theory, InlineData("", "Empty"), InlineData("\n", "Empty"), InlineData("a\0b", "ContainsNul")]
    public void A_password_file_without_a_usable_password_is_named_and_never_quoted(string content, string why)
    {
        using var folder = new TestFolder();
        var fault = Assert.Throws<DirectoryFaultException>(() => ServiceAccountPassword.Read(folder.Write("password", content)));
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_file_that_is_missing_is_named() =>
        Assert.Contains(
            "/absent/file",
            Assert.Throws<DirectoryFaultException>(() => ServiceAccountPassword.Read("/absent/file")).Message,
            StringComparison.Ordinal);

    [Theory, InlineData("corp.example", "DC=corp,DC=example"), InlineData("local", "DC=local")]
    public void The_base_of_a_search_is_the_domain(string name, string expected) => Assert.Equal(expected, AccountQuery.BaseOf(name));

    [Theory, InlineData("CORP\\alice"), InlineData("alice@CORP")]
    public void Without_a_NetBIOS_name_its_forms_lead_nowhere(string typed) =>
        Assert.Null(AccountQuery.For(TypedName.TryParse(typed)!, AcceptedNames.Configured("corp.example", "", []), []));

    private static ForestOptions Sound() => new()
    {
        Name = "corp.example",
        ServiceAccount = "svc@corp.example",
        ServiceAccountPasswordFile = "/etc/passthrough/service.password",
        TrustedCaFile = "/etc/passthrough/ca.pem",
    };
}
