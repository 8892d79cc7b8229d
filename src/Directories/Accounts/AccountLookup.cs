using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Pooling;

namespace Passthrough.Directories.Accounts;

/// <summary>Looks accounts up: in the domain that a name says, in a global catalog, or in both.</summary>
internal sealed class AccountLookup(ForestOptions options, ForestControllers controllers, ILogger log)
{
    public async Task<LookupReply> FindAsync(LookupPlan plan, AcceptedNames names, CancellationToken deadline)
    {
        if (plan.InForest is not { } inForest)
        {
            return await AskDomainAsync(plan.Domain!, plan.InDomain!, plan.Route, preferred: null, deadline);
        }

        var elsewhere = AskAsync(controllers.GlobalCatalogs(), inForest, plan.Route, preferred: null, deadline);
        if (plan.InDomain is null)
        {
            return await AtHomeAsync(await elsewhere, names, deadline);
        }

        var here = AskDomainAsync(plan.Domain!, plan.InDomain, plan.Route, preferred: null, deadline);
        return (await here, await elsewhere) switch
        {
            (LookupReply.NotFound { Why: Verdict.AmbiguousRoute } two, _) => two,
            (_, LookupReply.NotFound { Why: Verdict.AmbiguousRoute } two) => two,
            // Who has not answered could know another account by that name.
            (LookupReply.NoVerdict unknown, _) => unknown,
            (_, LookupReply.NoVerdict unknown) => unknown,
            (LookupReply.Found one, LookupReply.Found other) when one.Account.ObjectGuid != other.Account.ObjectGuid => Ambiguous(one, other),
            (LookupReply.Found one, _) => one,
            var (_, other) => await AtHomeAsync(other, names, deadline),
        };
    }

    /// <summary>Asks the controllers of one domain; one that does not answer in time is left for another while the deadline allows.</summary>
    public async Task<LookupReply> AskDomainAsync(string domain, LdapFilter filter, string route, string? preferred, CancellationToken deadline) =>
        await AskAsync(controllers.Of(domain), filter, route, preferred, deadline) is var reply && reply is LookupReply.Found found
            ? found with { Account = found.Account with { Domain = domain } }
            : reply;

    /// <summary>What a global catalog has found is looked up again in the account's own domain: that knows when the password was set,
    /// which a catalog does not, and that answers it will not swallow a bind.</summary>
    private async Task<LookupReply> AtHomeAsync(LookupReply reply, AcceptedNames names, CancellationToken deadline)
    {
        if (reply is not LookupReply.Found found)
        {
            return reply;
        }

        if (names.DomainOfEntry(found.Account.BindName) is { } domain)
        {
            return await AskDomainAsync(domain, AccountQuery.For(found.Account.ObjectGuid), found.Route, preferred: null, deadline);
        }

        log.DomainUnknown(options.Name, found.Account.FoundAt, found.Account.BindName);
        return new LookupReply.NoVerdict(Verdict.DirectoryRefused);
    }

    private async Task<LookupReply> AskAsync(ControllerSet set, LdapFilter filter, string route, string? preferred, CancellationToken deadline)
    {
        var request = new SearchRequest(
            set.BaseName, SearchScope.Subtree, filter, AccountQuery.Attributes, AccountQuery.SizeLimit, options.SearchTimeout);
        var tour = await set.BeginTourAsync(deadline);
        var verdict = Verdict.NoDomainController;
        while (!deadline.IsCancellationRequested && tour.TryNext(preferred, out var controller))
        {
            try
            {
                var found = await controller.SearchAsync(request, deadline);
                var reply = AccountQuery.Read(found, controller.Name, route);
                await ReportAsync(found, controller);
                if (reply is not LookupReply.NoVerdict { Why: Verdict.DirectoryBusy })
                {
                    return reply;
                }

                verdict = Verdict.DirectoryBusy;
            }
            catch (LdapException e)
            {
                verdict = FaultVerdict.Worse(verdict, FaultVerdict.Of(e));
            }
            catch (DirectoryFaultException)
            {
                // The service account's trouble is everywhere the same; the probes log it.
                return new LookupReply.NoVerdict(Verdict.DirectoryRefused);
            }
        }

        return new LookupReply.NoVerdict(deadline.IsCancellationRequested ? Verdict.DirectoryTimeout : verdict);
    }

    private LookupReply.NotFound Ambiguous(LookupReply.Found one, LookupReply.Found other)
    {
        log.Ambiguous(options.Name, one.Account.BindName, other.Account.BindName);
        return new LookupReply.NotFound(Verdict.AmbiguousRoute);
    }

    private async Task ReportAsync(SearchReply found, DomainController controller)
    {
        if (found.Entries.Count > 1)
        {
            log.Ambiguous(options.Name, found.Entries[0].DistinguishedName, found.Entries[1].DistinguishedName);
        }
        else if (found.Result.Code is not (LdapResult.Success or LdapResult.SizeLimitExceeded))
        {
            log.Refused(controller.Name, "search", found.Result.Code, found.Result.Diagnostic);
            // Perhaps the connection has lost its standing (its account's password was changed, say): begin anew.
            await controller.DropSearchConnectionAsync();
        }
    }
}
