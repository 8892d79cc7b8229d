using Passthrough.Agent.Connector;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Connector;

public sealed class PolicyTests : IDisposable
{
    private static readonly Uri Gateway = new("https://gateway.example:8445/");
    private static readonly LockoutPolicy Configured = new() { Budget = 8, LockTime = TimeSpan.FromMinutes(2) };
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("passthrough-policy-");
    private readonly CapturedLog<PolicyStore> _log = new();

    private string KeptFile => Path.Combine(_state.FullName, "lockout-policy.json");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public void Without_a_gateway_s_word_the_configuration_is_in_force() => Assert.Equal(Configured, Open().Policies.Now);

    [Fact]
    public void What_is_told_is_in_force_at_once_and_after_a_restart()
    {
        var store = Open();
        store.Accept(new LockoutNumbers { Budget = 3, FailureMemoryMs = 3_600_000 }, Gateway);
        var expected = Configured with { Budget = 3, FailureMemory = TimeSpan.FromHours(1) };
        Assert.Equal(expected, store.Policies.Now);
        Assert.Equal(expected, Open().Policies.Now);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeptFile));
    }

    [Fact]
    public void A_reset_brings_the_configuration_back_and_a_gateway_that_does_not_know_changes_nothing()
    {
        var store = Open();
        store.Accept(new LockoutNumbers { Budget = 3 }, Gateway);
        store.Accept(null, Gateway);
        Assert.Equal(3, store.Policies.Now.Budget);
        store.Accept(new LockoutNumbers(), Gateway);
        Assert.Equal(Configured, store.Policies.Now);
        Assert.Equal(Configured, Open().Policies.Now);
    }

    [Theory]
    [InlineData(1u, 60_000ul)]
    [InlineData(uint.MaxValue, 60_000ul)]
    [InlineData(5u, 0ul)]
    [InlineData(5u, ulong.MaxValue)]
    public void One_bad_number_refuses_them_all_and_the_last_good_ones_stay(uint budget, ulong lockTimeMs)
    {
        var store = Open();
        store.Accept(new LockoutNumbers { Budget = 3 }, Gateway);
        store.Accept(new LockoutNumbers { Budget = budget, LockTimeMs = lockTimeMs, PermitLifetimeMs = 20_000 }, Gateway);
        Assert.Equal(Configured with { Budget = 3 }, store.Policies.Now);
        Assert.Equal(Configured with { Budget = 3 }, Open().Policies.Now);
        Assert.True(_log.Has("is refused, the one before stays in force"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{ \"budget\": 1 }")]
    [InlineData("{ \"budget\": -1 }")]
    [InlineData("{ \"lockTimeMs\": \"soon\" }")]
    public void A_kept_policy_that_cannot_be_used_is_told_and_left_out(string content)
    {
        File.WriteAllText(KeptFile, content);
        Assert.Equal(Configured, Open().Policies.Now);
        Assert.True(_log.Has(KeptFile));
    }

    [Fact]
    public void Numbers_of_a_later_release_do_not_hide_those_that_are_known()
    {
        File.WriteAllText(KeptFile, "{ \"budget\": 4, \"moonPhase\": 7 }");
        Assert.Equal(4, Open().Policies.Now.Budget);
    }

    [Fact]
    public void A_policy_that_cannot_be_kept_is_in_force_all_the_same()
    {
        var store = Open();
        Directory.CreateDirectory(KeptFile);
        store.Accept(new LockoutNumbers { Budget = 3 }, Gateway);
        Assert.Equal(3, store.Policies.Now.Budget);
        Assert.True(_log.Has("cannot be kept"));
    }

    [Fact]
    public void Every_number_crosses_the_wire()
    {
        var set = new LockoutNumbers();
        foreach (var field in LockoutNumbers.Descriptor.Fields.InFieldNumberOrder())
        {
            field.Accessor.SetValue(set, field.Name == "budget" ? 17u : (object)(ulong)(1_000 + field.FieldNumber));
        }

        var policy = PolicyNumbers.Over(set, new LockoutPolicy());
        var defaults = new LockoutPolicy();
        foreach (var number in typeof(LockoutPolicy).GetProperties().Where(p => p.SetMethod is not null))
        {
            Assert.NotEqual(number.GetValue(defaults), number.GetValue(policy));
        }
    }

    private PolicyStore Open() => new(_state.FullName, Configured, _log);
}
