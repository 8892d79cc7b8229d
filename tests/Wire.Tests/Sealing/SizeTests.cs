using System.Globalization;
using System.Net;
using Google.Protobuf;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

/// <summary>What one request costs on the stream.</summary>
public class SizeTests
{
    /// <summary>Five bytes of gRPC before a message, nine of HTTP/2 before a frame.</summary>
    private const int Framing = 5 + 9;

    /// <summary>As long as names usually get: 20 bytes of tenant, 24 of forest, 40 of user name.</summary>
    private static readonly AttemptHeader Usual = Rig.Header() with
    {
        Tenant = "contoso-manufacturin",
        Forest = "corp.contoso-ind.example",
        UserName = "maximiliane.oberhuber@corp.contoso.examp",
        TimeToLiveMs = 30_000,
        Network = IPNetwork.Parse("192.0.2.0/24"),
        Device = Guid.NewGuid(),
    };

    private static readonly AttemptHeader Largest = Usual with
    {
        Tenant = new string('t', SealingLimits.MaxTenantBytes),
        Forest = new string('f', SealingLimits.MaxForestBytes),
        UserName = new string('u', SealingLimits.MaxUserNameBytes),
        Network = IPNetwork.Parse("2001:db8::/48"),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(SealingLimits.MaxWraps)]
    public void A_request_takes_at_most_600_bytes_and_100_for_each_agent(int agents)
    {
        foreach (var passwordBytes in (int[])[8, 126, 127, 254])
        {
            Assert.InRange(OnTheStream(Usual, passwordBytes, agents), 1, 600 + (100 * agents));
        }
    }

    [Fact]
    public void The_pages_sizes_are_what_is_sent()
    {
        var rows = WirePage.Table("Sizes");
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var agents = int.Parse(row[0], CultureInfo.InvariantCulture);
            int[] measured =
            [
                OnTheStream(Usual, 126, agents), OnTheStream(Usual, 254, agents), OnTheStream(Usual, 768, agents),
                OnTheStream(Largest, 768, agents),
            ];
            Assert.Equal(measured.Select(size => size.ToString("N0", CultureInfo.InvariantCulture)), row[1..]);
        }
    }

    [Fact]
    public void The_largest_request_fits_in_the_streams_largest_message() =>
        Assert.InRange(OnTheStream(Largest, 768, SealingLimits.MaxWraps), 1, 64 * 1024);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SealingLimits.MaxFamiliarSources)]
    public void An_answer_takes_at_most_300_bytes_and_8_for_each_familiar_source(int familiar)
    {
        using var rig = new Rig();
        using var attempt = Rig.Seal(Rig.Header());
        using var opened = rig.Open(rig.Message(attempt));
        var answer = opened.Answer(2, new AnswerDetail
        {
            DomainController = "hq-dc-0001.corp.contoso-ind.example",
            Route = "suffix corp.contoso-ind.example",
            PermitNumber = ulong.MaxValue,
            QueueUs = 999_999,
            LookupUs = 999_999,
            PermitUs = 999_999,
            UnsealUs = 999_999,
            BindUs = 9_999_999,
            TotalUs = 9_999_999,
            Account = ByteString.CopyFrom(new byte[16]),
            Lock = new AccountLock
            {
                FamiliarMs = 3_600_000,
                UnfamiliarMs = 3_600_000,
                FamiliarSources = { Enumerable.Repeat(ulong.MaxValue, familiar) },
            },
        });
        Assert.InRange(new FromAgent { Answer = answer }.CalculateSize() + Framing, 100, 300 + (8 * familiar));
    }

    /// <summary>With the largest counters that a session has.</summary>
    private static int OnTheStream(AttemptHeader header, int passwordBytes, int agents)
    {
        using var attempt = SealedAttempt.Seal(header, new byte[passwordBytes]);
        using var rig = new Rig(tenant: header.Tenant);
        var message = rig.Message(attempt);
        var wrap = new Wrap(message.Wraps[0]) { Counter = SealingLimits.MaxSessionMessages - 1 };
        message.Wraps.Clear();
        message.Wraps.AddRange(Enumerable.Repeat(wrap, agents));
        return new FromGateway { Attempt = message }.CalculateSize() + Framing;
    }
}
