using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>What a machine calls that is to become an agent. Only who holds a join token gets further than the public
/// certificate of the CA.</summary>
public sealed class EnrolmentService(
    CertificateAuthority authority, AgentEnrolment enrolment, GatewayAddresses addresses, TimeProvider time, ILogger<EnrolmentService> log)
    : Enrolment.EnrolmentBase
{
    private const int MaxName = 63;

    public override Task<AuthorityReply> GetAuthority(AuthorityRequest request, ServerCallContext context) =>
        Task.FromResult(new AuthorityReply { Certificate = ByteString.CopyFrom(authority.Certificate) });

    public override async Task<EnrolReply> Enrol(EnrolRequest request, ServerCallContext context)
    {
        try
        {
            var (token, key) = Check(request);
            var name = request.AgentName.ToLowerInvariant();
            var enrolled = await enrolment.EnrolAsync(token, key, name, context.CancellationToken);
            log.AgentEnrolled(enrolled.Agent.Id, name, enrolled.Agent.Tenant, enrolled.TokenId, context.Peer);
            return new EnrolReply
            {
                AgentId = enrolled.Agent.Id,
                Tenant = enrolled.Agent.Tenant,
                Forests = { enrolled.Agent.Forests },
                Certificates = { enrolled.Certificate.Chain },
                StreamAddresses = { addresses.Streams },
            };
        }
        catch (EnrolmentRefusedException refused)
        {
            log.EnrolmentRefused(context.Peer, refused.Fault, refused.Message);
            throw new RpcException(
                new Status(refused.Status, refused.Message), new Metadata { { EnrolmentFault.Trailer, refused.Fault } });
        }
        catch (Exception e) when (DatabaseFault.Is(e))
        {
            log.EnrolmentFailed(e, context.Peer);
            throw new RpcException(new Status(StatusCode.Unavailable, "the gateway's database does not answer: try again; the token stays good"));
        }
    }

    /// <summary>What can be told without the database; a token that is named here stays unused.</summary>
    private (JoinToken Token, PublicKey Key) Check(EnrolRequest request)
    {
        if (!JoinToken.TryParse(request.JoinToken, out var token) || !token.CaFingerprint.AsSpan().SequenceEqual(authority.Fingerprint))
        {
            throw EnrolmentRefusedException.TokenUnknown();
        }

        var difference = (time.GetUtcNow() - AgentTime(request)).Duration();
        if (difference > EnrolmentFault.MaxClockDifference)
        {
            throw EnrolmentRefusedException.ClockWrong(time.GetUtcNow(), difference);
        }

        return !IsName(request.AgentName) ? throw EnrolmentRefusedException.NotAName(MaxName)
            : CertificateRequestReader.TryRead(request.CertificateRequest.ToByteArray(), out var key) ? (token, key)
            : throw EnrolmentRefusedException.RequestRefused();
    }

    private static DateTimeOffset AgentTime(EnrolRequest request)
    {
        var (least, most) = (DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(request.AgentTimeUnixMs, least, most));
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');
}
