using System.Text;
using CsCheck;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

public class RoundTripTests
{
    [Fact]
    public void What_a_gateway_seals_its_agent_opens_and_answers()
    {
        using var rig = new Rig();
        var header = Rig.Header();
        using var attempt = Rig.Seal(header, "pässwörd");

        using var opened = rig.Open(rig.Message(attempt));
        Assert.Equal(header, opened.Header);
        Assert.Equal("pässwörd", Rig.Password(opened));

        var answer = opened.Answer(2, new AnswerDetail { DomainController = "dc1.corp.example", PermitNumber = 7, BindUs = 1_200 });
        Assert.Equal(AnswerFault.None, attempt.Verify(answer, "agent-1", out var detail));
        Assert.Equal(new AnswerDetail { DomainController = "dc1.corp.example", PermitNumber = 7, BindUs = 1_200 }, detail);
    }

    [Theory]
    [InlineData(1, 128)]
    [InlineData(126, 128)]
    [InlineData(127, 256)]
    [InlineData(254, 256)]
    [InlineData(255, 1024)]
    [InlineData(768, 1024)]
    public void A_passwords_length_is_told_in_three_classes_only(int length, int paddedSize)
    {
        using var rig = new Rig();
        var password = new string('p', length);
        using var attempt = Rig.Seal(password: password);
        var message = rig.Message(attempt);
        Assert.Equal(paddedSize + 16, message.SealedPassword.Length);
        Assert.Equal(password, Rig.Password(rig.Open(message)));
    }

    [Fact]
    public void A_password_that_is_empty_or_over_768_bytes_is_not_sealed()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedAttempt.Seal(Rig.Header(), []));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedAttempt.Seal(Rig.Header(), new byte[769]));
    }

    [Fact]
    public void Any_password_survives() =>
        Gen.Byte.Array[1, SealingLimits.MaxPasswordBytes].Sample(
            password =>
            {
                using var rig = new Rig();
                using var attempt = SealedAttempt.Seal(Rig.Header(), password);
                using var opened = rig.Open(rig.Message(attempt));
                Assert.True(opened.TryOpenPassword(bytes => bytes.ToArray(), out var read));
                Assert.Equal(password, read);
            },
            iter: 50);

    [Fact]
    public void One_attempt_is_opened_by_every_agent_it_is_for_and_by_no_other()
    {
        using var first = new Rig("agent-1");
        using var second = new Rig("agent-2");
        using var stranger = new Rig("agent-3");
        using var attempt = Rig.Seal();
        var message = attempt.For([first.Sender, second.Sender], Rig.Start, TimeSpan.FromSeconds(8))!;

        Assert.Equal(2, message.Wraps.Count);
        using var byFirst = first.Open(message);
        using var bySecond = second.Open(message);
        Assert.Equal("correct horse battery", Rig.Password(byFirst));
        Assert.Equal("correct horse battery", Rig.Password(bySecond));
        Assert.Equal(UnwrapFault.UnknownSession, stranger.Fault(message));
    }

    [Fact]
    public void Each_try_has_a_content_key_of_its_own()
    {
        using var rig = new Rig();
        var header = Rig.Header();
        using var first = Rig.Seal(header);
        using var second = Rig.Seal(header with { AttemptNumber = 2 });
        Assert.NotEqual(rig.Message(first).SealedPassword, rig.Message(second).SealedPassword);

        using var opened = rig.Open(rig.Message(first));
        Assert.Equal(AnswerFault.None, first.Verify(opened.Answer(1, new AnswerDetail()), "agent-1", out _));
    }

    [Fact]
    public void What_remains_is_sent_in_milliseconds_and_never_more_than_the_time_to_live()
    {
        using var rig = new Rig();
        using var attempt = Rig.Seal();
        Assert.Equal(8_000u, rig.Message(attempt).RemainingMs);
        Assert.Equal(10_000u, attempt.For([rig.Sender], Rig.Start, TimeSpan.FromMinutes(1))!.RemainingMs);
        Assert.Equal(0u, attempt.For([rig.Sender], Rig.Start, TimeSpan.FromSeconds(-1))!.RemainingMs);
    }

    [Fact]
    public void Nothing_is_sealed_to_an_agent_of_another_tenant()
    {
        using var rig = new Rig(tenant: "fabrikam");
        using var attempt = Rig.Seal();
        Assert.Throws<InvalidOperationException>(() => attempt.WrapFor(rig.Sender, Rig.Start));
    }

    [Fact]
    public void An_attempt_that_is_over_is_wrapped_for_nobody_and_believes_nobody()
    {
        using var rig = new Rig();
        var attempt = Rig.Seal();
        using var opened = rig.Open(rig.Message(attempt));
        var answer = opened.Answer(1, new AnswerDetail());
        attempt.Dispose();
        attempt.Dispose();
        Assert.Null(attempt.WrapFor(rig.Sender, Rig.Start));
        Assert.Null(attempt.For([rig.Sender], Rig.Start, TimeSpan.FromSeconds(1)));
        Assert.Equal(AnswerFault.AttemptOver, attempt.Verify(answer, "agent-1", out _));
    }

    [Fact]
    public void An_opened_attempt_that_was_disposed_of_opens_and_answers_nothing()
    {
        using var rig = new Rig();
        using var attempt = Rig.Seal();
        var opened = rig.Open(rig.Message(attempt));
        opened.Dispose();
        opened.Dispose();
        Assert.Throws<ObjectDisposedException>(() => opened.TryOpenPassword(Encoding.UTF8.GetString, out _));
        Assert.Throws<ObjectDisposedException>(() => opened.Answer(1, new AnswerDetail()));
    }
}
