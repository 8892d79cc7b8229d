using CsCheck;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public sealed class BindResultReaderTests
{
    [Theory]
    [InlineData(0x51f, Verdict.NoDomainController)]
    [InlineData(0x525, Verdict.UserNotFoundInForest)]
    [InlineData(0x52e, Verdict.BadPassword)]
    [InlineData(0x52f, Verdict.AccountRestriction)]
    [InlineData(0x530, Verdict.LogonHours)]
    [InlineData(0x531, Verdict.WorkstationRestricted)]
    [InlineData(0x532, Verdict.PasswordExpired)]
    [InlineData(0x533, Verdict.AccountDisabled)]
    [InlineData(0x54b, Verdict.NoDomainController)]
    [InlineData(0x568, Verdict.TooManyContexts)]
    [InlineData(0x569, Verdict.LogonTypeNotGranted)]
    [InlineData(0x576, Verdict.TimeSkew)]
    [InlineData(0x5b4, Verdict.DirectoryTimeoutAfterSend)]
    [InlineData(0x6fa, Verdict.TrustFailure)]
    [InlineData(0x6fb, Verdict.TrustFailure)]
    [InlineData(0x6fc, Verdict.TrustFailure)]
    [InlineData(0x6fd, Verdict.TrustFailure)]
    [InlineData(0x701, Verdict.AccountExpired)]
    [InlineData(0x773, Verdict.PasswordMustChange)]
    [InlineData(0x775, Verdict.AccountLockedInAd)]
    [InlineData(0x78f, Verdict.LogonTypeNotGranted)]
    public void Each_data_code_has_its_verdict(int dataCode, Verdict verdict) =>
        Assert.Equal(verdict, BindResultReader.Read(BindResultReader.InvalidCredentials, dataCode));

    [Theory]
    [InlineData(0, Verdict.Success)]
    [InlineData(1, Verdict.DirectoryRefused)]
    [InlineData(2, Verdict.DirectoryRefused)]
    [InlineData(3, Verdict.DirectoryTimeoutAfterSend)]
    [InlineData(8, Verdict.DirectoryRefused)]
    [InlineData(10, Verdict.DirectoryRefused)]
    [InlineData(11, Verdict.DirectoryBusy)]
    [InlineData(14, Verdict.DirectoryRefused)]
    [InlineData(48, Verdict.DirectoryRefused)]
    [InlineData(49, Verdict.BadPassword)]
    [InlineData(50, Verdict.DirectoryRefused)]
    [InlineData(51, Verdict.DirectoryBusy)]
    [InlineData(52, Verdict.DirectoryBusy)]
    [InlineData(53, Verdict.DirectoryRefused)]
    [InlineData(80, Verdict.DirectoryRefused)]
    [InlineData(-1, Verdict.DirectoryRefused)]
    [InlineData(int.MaxValue, Verdict.DirectoryRefused)]
    public void Each_result_code_has_its_verdict(int resultCode, Verdict verdict) =>
        Assert.Equal(verdict, BindResultReader.Read(resultCode, null));

    [Fact]
    public void Only_result_0_is_a_success_whatever_the_data_code_says() =>
        Gen.Select(Gen.Int, Gen.Int).Sample((result, data) =>
            Assert.Equal(result == 0, BindResultReader.Read(result, data) == Verdict.Success));

    [Theory]
    [InlineData(0x524), InlineData(0x526), InlineData(0x52d), InlineData(0x534), InlineData(0x6f9), InlineData(0x6fe)]
    [InlineData(0x774), InlineData(0x776), InlineData(0), InlineData(-1), InlineData(int.MinValue)]
    public void A_data_code_that_is_not_known_counts_as_a_wrong_password(int dataCode)
    {
        var verdict = BindResultReader.Read(BindResultReader.InvalidCredentials, dataCode);
        Assert.Equal(Verdict.BadPassword, verdict);
        Assert.Equal(Counting.Counts, verdict.Row().Counting);
    }

    [Fact]
    public void What_the_password_itself_caused_is_never_retried_elsewhere()
    {
        foreach (var data in new[] { 0x525, 0x52e, 0x52f, 0x530, 0x531, 0x532, 0x533, 0x701, 0x773, 0x775, 0x12345 })
        {
            Assert.False(BindResultReader.Read(BindResultReader.InvalidCredentials, data).Row().RetryElsewhere);
        }
    }

    [Theory]
    [InlineData("80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563", 0x52e)]
    [InlineData("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 775, v1db1\0", 0x775)]
    [InlineData("80090308: LdapErr: DSID-0C0903C5, comment: AcceptSecurityContext error, data 52E, v23f0", 0x52e)]
    [InlineData("Fehler 8: anderer Wortlaut, data 533", 0x533)]
    [InlineData(", data 701\0", 0x701)]
    [InlineData(", data ffffffff, v1", -1)]
    [InlineData("80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 0, v4563", 0)]
    public void The_data_code_is_found_by_its_place(string message, int dataCode) =>
        Assert.Equal(dataCode, BindResultReader.DataCode(message));

    [Theory]
    [InlineData("")]
    [InlineData("Invalid credentials")]
    [InlineData(", data ")]
    [InlineData(", data , v1")]
    [InlineData(", data 52x, v1")]
    [InlineData(", data  52e, v1")]
    [InlineData(", data 52e v1")]
    [InlineData(", data +52e, v1")]
    [InlineData(", data 1ffffffff, v1")]
    [InlineData("data 52e, v1")]
    [InlineData("metadata 52e, v1")]
    public void What_is_not_a_data_code_is_none(string message) => Assert.Null(BindResultReader.DataCode(message));

    [Fact]
    public void No_message_makes_the_reader_fail() => Gen.String.Sample(text => { _ = BindResultReader.DataCode(", data " + text); });
}
