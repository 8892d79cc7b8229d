using Microsoft.Extensions.Logging;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Pooling;

namespace Passthrough.Directories;

/// <summary>The check before the first sign-in.</summary>
internal sealed class ForestChecker(
    ControllerSet controllers, ForestOptions options, TimeProvider time, ILogger log)
{
    /// <summary>Kerberos fails beyond it (RFC 4120 1.6), and a wrong clock makes certificates look expired.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public async Task<ForestCheck> CheckAsync(CancellationToken deadline)
    {
        try
        {
            await controllers.LocateAsync(deadline);
        }
        catch (DirectoryFaultException e)
        {
            return new ForestCheck($"forest {options.Name}: {e.Message}", [], ForestFaultKind.Unreachable);
        }
        catch (OperationCanceledException)
        {
            return new ForestCheck(
                $"forest {options.Name}: no domain controller found in time; does DNS answer?", [], ForestFaultKind.Unreachable);
        }

        var faults = await Task.WhenAll(controllers.All.Select(each => FaultOfAsync(each, deadline)));
        var lines = controllers.All.Zip(faults, (each, fault) => $"{each.Name}: {fault?.Message ?? "ready"}").ToList();
        return faults.Length > 0 && faults.Any(fault => fault is null)
            ? new ForestCheck(null, lines)
            : new ForestCheck(
                $"forest {options.Name}: {string.Join("; ", faults.Select(fault => fault!.Message).Distinct())}",
                lines,
                faults.Select(fault => fault!.Kind).DefaultIfEmpty(ForestFaultKind.Unreachable).Max());
    }

    private async Task<Fault?> FaultOfAsync(DomainController controller, CancellationToken deadline)
    {
        try
        {
            if (await controller.ProbeAsync(deadline) is { } theirs)
            {
                CompareClocks(controller, theirs);
            }

            var head = await controller.SearchAsync(
                new SearchRequest(
                    controllers.BaseName, SearchScope.Base, LdapFilter.Present("objectClass"), ["objectClass"], 1, options.SearchTimeout),
                deadline);
            return head.Result.IsSuccess && head.Entries.Count == 1
                ? null
                : new Fault(
                    ForestFaultKind.ServiceAccountRefused,
                    $"{controller.Name} does not let {options.ServiceAccount} read {controllers.BaseName} (result {head.Result.Code}): "
                    + "is the forest's name right, and may the account read?");
        }
        catch (LdapException e)
        {
            return new Fault(
                e.Fault == LdapFault.TlsFailed ? ForestFaultKind.Untrusted : ForestFaultKind.Unreachable,
                e.Message.Contains(controller.Name, StringComparison.Ordinal) ? e.Message : $"{controller.Name}: {e.Message}");
        }
        catch (DirectoryFaultException e)
        {
            return new Fault(ForestFaultKind.ServiceAccountRefused, e.Message);
        }
    }

    private void CompareClocks(DomainController controller, DateTimeOffset theirs)
    {
        var difference = time.GetUtcNow() - theirs;
        if (difference.Duration() > ClockTolerance)
        {
            log.ClockDiffers(controller.Name, difference.TotalSeconds);
        }
    }

    private sealed record Fault(ForestFaultKind Kind, string Message);
}
