using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;

namespace Passthrough.Agent.Tests.Enrolment;

public sealed class IdentityStoreTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly ScratchDirectory _scratch = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IdentityStore _store;

    public IdentityStoreTests() => _store = new IdentityStore(_scratch.Path, _clock);

    [Fact]
    public void What_was_saved_signs_as_before()
    {
        Save();

        var identity = _store.Load();

        byte[] data = [1, 2, 3];
        Assert.True(_key.VerifyData(data, identity.SigningKey.SignData(data, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
        Assert.Equal(_authority.Certificate.RawData, identity.Authority.RawData);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_key_that_others_can_reach_is_not_used(UnixFileMode more)
    {
        Save();
        File.SetUnixFileMode(_store.IdentityFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);

        Assert.Equal(FaultKind.KeyFileExposed, FaultOf(() => _store.Load()));
    }

    [Fact]
    public void A_state_directory_that_others_can_enter_is_not_used()
    {
        File.SetUnixFileMode(_scratch.Path, File.GetUnixFileMode(_scratch.Path) | UnixFileMode.GroupExecute);

        Assert.Equal(FaultKind.KeyFileExposed, FaultOf(_store.EnsureWritable));
    }

    [Fact]
    public void A_missing_identity_means_not_enrolled() => Assert.Equal(FaultKind.NotEnrolled, FaultOf(() => _store.Load()));

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_file_that_was_cut_is_told_as_damaged(double share)
    {
        Save();
        var text = File.ReadAllText(_store.IdentityFile);
        File.WriteAllText(_store.IdentityFile, text[..(int)(text.Length * share)]);

        Assert.Equal(FaultKind.StateDamaged, FaultOf(() => _store.Load()));
    }

    [Fact]
    public void A_certificate_without_its_own_key_is_told_as_damaged()
    {
        Save();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var text = File.ReadAllText(_store.IdentityFile);
        var certificates = text[text.IndexOf("-----BEGIN CERTIFICATE", StringComparison.Ordinal)..];
        File.WriteAllText(_store.IdentityFile, other.ExportPkcs8PrivateKeyPem() + "\n" + certificates);

        Assert.Equal(FaultKind.StateDamaged, FaultOf(() => _store.Load()));
    }

    [Theory]
    [InlineData(3_599, null)]
    [InlineData(3_600, FaultKind.CertificateExpired)]
    [InlineData(-301, FaultKind.ClockWrong)]
    public void A_certificate_is_used_in_its_time_only(int seconds, object? fault)
    {
        Save();
        _clock.AdjustTime(_clock.GetUtcNow().AddSeconds(seconds));

        Assert.Equal(fault, FaultOf(() => _store.Load()));
    }

    [Fact]
    public void A_draft_that_a_crash_left_behind_harms_nobody()
    {
        File.WriteAllText(_store.IdentityFile + ".new", "half a key");
        File.SetUnixFileMode(_store.IdentityFile + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        Save();

        Assert.NotNull(_store.Load());
        Assert.False(File.Exists(_store.IdentityFile + ".new"));
    }

    [Fact]
    public void A_certificate_that_was_dated_back_lives_from_when_it_was_obtained()
    {
        Save();
        File.SetLastWriteTimeUtc(_store.IdentityFile, _clock.GetUtcNow().UtcDateTime);

        var identity = _store.Load();

        Assert.Equal(_clock.GetUtcNow(), identity.LifeBegan, TimeSpan.FromSeconds(1));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _scratch.Dispose();
        _key.Dispose();
    }

    private void Save()
    {
        var now = _clock.GetUtcNow();
        var leaf = _authority.ForAgentKey(new PublicKey(_key), notBefore: now.AddMinutes(-5), notAfter: now.AddHours(1));
        _store.Save(_key, [leaf, _authority.Certificate]);
    }

    private static FaultKind? FaultOf(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (StartFaultException e)
        {
            return e.Faults[0].Kind;
        }
    }
}
