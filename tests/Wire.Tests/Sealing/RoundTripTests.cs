using System.Security.Cryptography;
using System.Text;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

public class RoundTripTests
{
    [Fact]
    public void What_a_gateway_seals_its_agent_opens_and_answers()
    {
        var agent = new AgentIdentity("contoso", "agent-1");
        using var certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var keyring = new SealingKeyring(agent);
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var offer = keyring.Offer(certificateKey, now);
        Assert.Equal(OfferFault.None, SealingSessionSender.TryOpen(offer, agent, certificateKey, now, out var sender));
        Assert.Equal(SessionFault.None, keyring.Accept(sender!.Announcement, now));
        var header = new AttemptHeader("contoso", "corp.example", Guid.CreateVersion7(now), "anna@corp.example",
            now.ToUnixTimeMilliseconds(), 10_000, 1, Guid.NewGuid());
        using var attempt = SealedAttempt.Seal(header, "pässword"u8);
        Assert.Equal(UnwrapFault.None, keyring.TryUnwrap(attempt.For([sender], now, TimeSpan.FromSeconds(8))!, now, out var opened));
        Assert.Equal(header, opened!.Header);
        Assert.True(opened.TryOpenPassword(Encoding.UTF8.GetString, out var password));
        Assert.Equal("pässword", password);
        var answer = opened.Answer(2, new AnswerDetail { DomainController = "dc1.corp.example" });
        Assert.Equal(AnswerFault.None, attempt.Verify(answer, "agent-1", out var detail));
        Assert.Equal("dc1.corp.example", detail!.DomainController);
    }
}
