using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Pooling;

/// <summary>The account that looks others up, for all controllers of a forest together. A password that was refused is not
/// tried again for a while, nor on another controller: this service must not lock its own account.</summary>
internal sealed class ServiceAccount(string name, string passwordFile, TimeProvider time) : IDisposable
{
    /// <summary>Two tries in the usual observation window of half an hour.</summary>
    private static readonly TimeSpan WaitAfterWrongPassword = TimeSpan.FromMinutes(15);

    /// <summary>The directory's other refusals do not count.</summary>
    private static readonly TimeSpan WaitAfterRefusal = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private bool _isProven;
    private volatile Refusal? _refusal;

    /// <summary>Binds a connection as this account.</summary>
    /// <exception cref="DirectoryFaultException">The password cannot be read, or the account is refused.</exception>
    /// <exception cref="LdapException">The controller gave no answer.</exception>
    public async Task BindAsync(LdapConnection connection, string controller, CancellationToken deadline)
    {
        // Until the password has been seen to be right, one try at a time: the next learns from its failure.
        var mustWait = !Volatile.Read(ref _isProven);
        if (mustWait)
        {
            await WaitForTurnAsync(deadline);
        }

        try
        {
            ThrowIfRefusedLately();
            var written = File.GetLastWriteTimeUtc(passwordFile);
            using var password = ServiceAccountPassword.Read(passwordFile);
            var result = await connection.BindAsync(name, password, deadline);
            Judge(result, controller, written);
        }
        finally
        {
            if (mustWait)
            {
                _oneAtATime.Release();
            }
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task WaitForTurnAsync(CancellationToken deadline)
    {
        try
        {
            await _oneAtATime.WaitAsync(deadline);
        }
        catch (OperationCanceledException e)
        {
            throw new LdapException(LdapFault.TimedOut, "the service account's first bind was not answered in time", e);
        }
    }

    private void ThrowIfRefusedLately()
    {
        if (_refusal is { } last && time.GetElapsedTime(last.At) < last.Wait && last.FileWritten == File.GetLastWriteTimeUtc(passwordFile))
        {
            throw new DirectoryFaultException(last.Message);
        }
    }

    private void Judge(LdapResult result, string controller, DateTime written)
    {
        Volatile.Write(ref _isProven, result.IsSuccess);
        if (result.IsSuccess)
        {
            _refusal = null;
            return;
        }

        var data = BindResultReader.DataCode(result.Diagnostic);
        var verdict = BindResultReader.Read(result.Code, data);
        if (verdict is Verdict.DirectoryBusy or Verdict.DirectoryTimeoutAfterSend)
        {
            throw new LdapException(LdapFault.ConnectionLost, $"{controller} is busy (result {result.Code})");
        }

        var isWrongPassword = verdict.Row().Counting == Counting.Counts;
        var wait = isWrongPassword ? WaitAfterWrongPassword : WaitAfterRefusal;
        var message = $"the service account {name} is refused by {controller}: {verdict} (result {result.Code}"
            + (data is { } code ? $", data {code:x}" : "") + $"); correct it or the password in {passwordFile}, "
            + $"which is tried again when that file changes or after {wait.TotalMinutes:0} min";
        _refusal = new Refusal(message, time.GetTimestamp(), wait, written);
        throw new DirectoryFaultException(message);
    }

    private sealed record Refusal(string Message, long At, TimeSpan Wait, DateTime FileWritten);
}
