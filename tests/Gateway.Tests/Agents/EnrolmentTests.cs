using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

/// <summary>Machines that want to become agents, over a real listener.</summary>
public sealed class EnrolmentTests
{
    [Fact]
    public async Task A_machine_with_a_token_becomes_an_agent_of_its_tenant_and_forests()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.TokenAsync(TestGateway.Forest);
        var before = TimeProvider.System.GetUtcNow();
        var keys = await AgentKeys.EnrolAsync(gateway.Enrolment, token, "Host-1.corp.example");
        Assert.Equal(new AgentIdentity(TestGateway.Tenant, keys.Reply.AgentId), AgentIdentity.From(keys.Certificate));
        Assert.Equal([TestGateway.Forest], keys.Reply.Forests);
        Assert.Equal([gateway.Stream.GetLeftPart(UriPartial.Authority)], keys.Reply.StreamAddresses);
        Assert.Equal(["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"], Purposes(keys.Certificate));
        Assert.Equal("CN=host-1.corp.example", keys.Certificate.Subject);
        Assert.False(keys.Certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.InRange(keys.Certificate.NotAfter.ToUniversalTime() - before, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24.1));
        Assert.InRange(before - keys.Certificate.NotBefore.ToUniversalTime(), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
        Assert.True(JoinToken.TryParse(token, out var parsed));
        Assert.Equal(parsed.CaFingerprint, SHA256.HashData(keys.Authority.RawData));

        var listed = (await gateway.AdminAsync("agent", "list")).AsArray().Single()!;
        Assert.Equal((keys.Reply.AgentId, "host-1.corp.example"), ((string?)listed["agentId"], (string?)listed["name"]));
    }

    [Fact]
    public async Task Of_twenty_machines_that_use_one_token_at_once_one_becomes_an_agent()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.TokenAsync();
        var faults = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => FaultAsync(gateway, token, $"host-{i}"))));
        Assert.Equal(1, faults.Count(f => f is null));
        Assert.Equal(19, faults.Count(f => f == EnrolmentFault.TokenUsed));
        Assert.Single((await gateway.AdminAsync("agent", "list")).AsArray());
    }

    [Fact]
    public async Task A_used_token_is_refused_and_says_who_used_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.TokenAsync();
        var first = await AgentKeys.EnrolAsync(gateway.Enrolment, token, "first");
        var refusal = await Assert.ThrowsAsync<RpcException>(() => AgentKeys.EnrolAsync(gateway.Enrolment, token, "second"));
        Assert.Equal(StatusCode.Unauthenticated, refusal.StatusCode);
        Assert.Equal(EnrolmentFault.TokenUsed, refusal.Trailers.GetValue(EnrolmentFault.Trailer));
        Assert.Contains(first.Reply.AgentId, refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_a_token_of_this_gateway_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var other = await TestGateway.StartAsync();
        Assert.Equal(EnrolmentFault.TokenUnknown, await FaultAsync(gateway, "", "a"));
        Assert.Equal(EnrolmentFault.TokenUnknown, await FaultAsync(gateway, new string('x', 10_000), "a"));
        Assert.Equal(EnrolmentFault.TokenUnknown, await FaultAsync(gateway, await other.TokenAsync(), "a"));
        using var invented = X509CertificateLoader.LoadCertificate(gateway.Get<Passthrough.Gateway.Agents.CertificateAuthority>().Certificate);
        Assert.Equal(EnrolmentFault.TokenUnknown, await FaultAsync(gateway, JoinToken.Create(invented.RawData).Reveal(), "a"));
    }

    [Fact]
    public async Task An_expired_and_a_revoked_token_are_refused()
    {
        await using var gateway = await TestGateway.StartAsync();
        var made = await gateway.AdminAsync("token", "create", "--tenant", TestGateway.Tenant);
        await gateway.AdminAsync("token", "revoke", (string)made["tokenId"]!, "--reason", "a test");
        Assert.Equal(EnrolmentFault.TokenUnknown, await FaultAsync(gateway, (string)made["token"]!, "a"));

        var expired = JoinToken.Create(gateway.Get<Passthrough.Gateway.Agents.CertificateAuthority>().Certificate);
        await using var database = gateway.Get<IDbContextFactory<GatewayContext>>().CreateDbContext();
        var now = TimeProvider.System.GetUtcNow();
        database.JoinTokens.Add(new JoinTokenRecord
        {
            Id = "expired",
            TenantId = TestGateway.Tenant,
            SecretHash = expired.SecretHash,
            Forests = [TestGateway.Forest],
            CreatedAt = now.AddHours(-1),
            ExpiresAt = now.AddMilliseconds(-1),
        });
        await database.SaveChangesAsync();
        Assert.Equal(EnrolmentFault.TokenExpired, await FaultAsync(gateway, expired.Reveal(), "a"));
        Assert.Empty((await gateway.AdminAsync("agent", "list")).AsArray());
    }

    [Fact]
    public async Task A_machine_whose_clock_is_wrong_is_told_so_and_keeps_its_token()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.TokenAsync();
        foreach (var wrong in (double[])[-5.1, 5.1, long.MaxValue / 1e6])
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(() => AgentKeys.EnrolAsync(
                gateway.Enrolment, token, "a", request => request.AgentTimeUnixMs += (long)(wrong * 60_000)));
            Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
            Assert.Equal(EnrolmentFault.ClockWrong, refusal.Trailers.GetValue(EnrolmentFault.Trailer));
        }

        await AgentKeys.EnrolAsync(gateway.Enrolment, token, "a", request => request.AgentTimeUnixMs += (long)(4.8 * 60_000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("bücher")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task A_name_that_is_not_one_is_refused_and_the_token_stays_good(string name)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.TokenAsync();
        Assert.Equal(EnrolmentFault.NameRefused, await FaultAsync(gateway, token, name));
        Assert.Null(await FaultAsync(gateway, token, "012345678901234567890123456789012345678901234567890123456789012"));
    }

    [Fact]
    public async Task A_name_belongs_to_one_agent_until_that_is_revoked()
    {
        await using var gateway = await TestGateway.StartAsync();
        var first = await AgentKeys.EnrolAsync(gateway.Enrolment, await gateway.TokenAsync(), "host");
        var token = await gateway.TokenAsync();
        Assert.Equal(EnrolmentFault.NameRefused, await FaultAsync(gateway, token, "HOST"));
        await gateway.AdminAsync("agent", "revoke", first.Reply.AgentId, "--reason", "a test");
        Assert.Null(await FaultAsync(gateway, token, "host"));
    }

    [Fact]
    public async Task Only_a_request_that_is_signed_by_its_own_P256_key_is_taken()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.TokenAsync();
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var tampered = AgentKeys.Request(p256);
        tampered[^3] ^= 1;
        byte[][] requests =
        [
            [], [0x30], new byte[5000], tampered, AgentKeys.Request(p384),
            new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(),
        ];
        foreach (var request in requests)
        {
            var fault = await FaultAsync(gateway, token, "a", r => r.CertificateRequest = ByteString.CopyFrom(request));
            Assert.Equal(EnrolmentFault.RequestRefused, fault);
        }

        Assert.Null(await FaultAsync(gateway, token, "a"));
    }

    [Fact]
    public async Task What_the_request_asks_for_besides_its_key_is_not_granted()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.TokenAsync(TestGateway.Forest);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var greedy = new CertificateRequest("CN=somebody-else", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new AgentIdentity("other", "other").ToUri());
        greedy.CertificateExtensions.Add(names.Build());
        greedy.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(null));
        var reply = await EnrolAsync(gateway, token, greedy.CreateSigningRequest());
        using var certificate = X509CertificateLoader.LoadCertificate(reply.Certificates[0].Span);
        Assert.Equal("CN=a", certificate.Subject);
        Assert.Equal(new AgentIdentity(TestGateway.Tenant, reply.AgentId), AgentIdentity.From(certificate));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
    }

    private static async Task<EnrolReply> EnrolAsync(TestGateway gateway, string token, byte[] request)
    {
        using var authority = X509CertificateLoader.LoadCertificate(
            gateway.Get<Passthrough.Gateway.Agents.CertificateAuthority>().Certificate);
        using var channel = AgentKeys.Channel(gateway.Enrolment, null, authority);
        return await new Enrolment.EnrolmentClient(channel).EnrolAsync(new EnrolRequest
        {
            JoinToken = token,
            AgentName = "a",
            CertificateRequest = ByteString.CopyFrom(request),
            AgentTimeUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        });
    }

    private static async Task<string?> FaultAsync(TestGateway gateway, string token, string name, Action<EnrolRequest>? change = null)
    {
        try
        {
            await AgentKeys.EnrolAsync(gateway.Enrolment, token, name, change);
            return null;
        }
        catch (RpcException e)
        {
            return e.Trailers.GetValue(EnrolmentFault.Trailer) ?? e.Status.ToString();
        }
    }

    private static IEnumerable<string?> Purposes(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value);
}
