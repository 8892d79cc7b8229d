using Microsoft.Extensions.Logging;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Enrolment;

/// <summary>The gateway instances that this agent connects to: at first those that it was told of at its enrolment, then those that any
/// of them tells it of. Kept with the enrolment.</summary>
internal sealed class GatewayList(IdentityStore store, EnrolmentRecord enrolment, ILogger<GatewayList> log)
{
    /// <summary>More is not a list of a gateway's instances.</summary>
    private const int Most = 16;

    private volatile IReadOnlyList<Uri> _now = enrolment.StreamAddresses;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Uri> Now => _now;

    /// <summary>Completes when the list is no longer what it was. To be taken before <see cref="Now"/>.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Takes what a gateway said. A list that is empty, too long or has something else in it than addresses changes nothing.
    /// One caller at a time.</summary>
    public void Accept(IReadOnlyCollection<string> told)
    {
        var addresses = told.Select(Read).ToList();
        if (addresses.Count is 0 or > Most || addresses.Contains(null) || addresses.ToHashSet().SetEquals(_now))
        {
            return;
        }

        _now = [.. addresses.OfType<Uri>().Distinct()];
        log.GatewaysChanged(string.Join(", ", _now));
        try
        {
            store.Save(enrolment with { StreamAddresses = _now });
        }
        catch (StartFaultException e)
        {
            log.GatewaysNotKept(e.Faults[0].Message);
        }

        var before = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        before.SetResult();
    }

    /// <summary>Null if it is not the address of a stream listener: https://host:port, nothing after it.</summary>
    public static Uri? Read(string text) =>
        text.Length <= 300 && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/"
            && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            ? uri
            : null;
}
