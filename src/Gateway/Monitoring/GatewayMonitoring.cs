using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Agent.Monitoring;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Monitoring;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Monitoring;

/// <summary>Looks at the parts of a gateway; what that means is <see cref="GatewayHealth"/>'s.</summary>
internal sealed class GatewayMonitoring(
    GatewayOptions options, CertificateAuthority authority, TenantDirectory directory, TenantWatch watch, AgentRegistry registry,
    OtherInstances others, InstanceWatch instances, TimeProvider clock)
{
    /// <summary>The CA does not renew itself: every agent must enrol anew.</summary>
    private static readonly TimeSpan AuthorityWarning = TimeSpan.FromDays(180);

    /// <summary>Half of what those who renew it by a program leave.</summary>
    private static readonly TimeSpan PageWarning = TimeSpan.FromDays(14);

    private volatile bool _isStopping;

    public IReadOnlyList<MonitoredPart> Parts =>
    [
        Part("gateway", () => ProgramHealth.Life(isStarted: true, _isStopping)),
        Part("database", Database),
        new("agents", AgentsAsync),
        Part("certificates", Certificates),
        Part("clock", () => ProgramHealth.Clock([.. Clocks()])),
    ];

    /// <summary>Whether it has what sign-ins need of the database; agents or not, it can tell people to try again later.</summary>
    public bool IsReady => Database().State < HealthState.Unhealthy;

    public void Stopping() => _isStopping = true;

    private static MonitoredPart Part(string name, Func<Finding> look) => new(name, _ => Task.FromResult(look()));

    /// <summary>Those that an agent is enrolled for.</summary>
    public IEnumerable<TenantRoute> Routes() =>
        directory.Now.Agents.SelectMany(agent => agent.Forests, (agent, forest) => new TenantRoute(agent.Tenant, forest)).Distinct();

    public IEnumerable<ForestAgents> Forests() =>
        Routes().Select(Here);

    /// <summary>The agents of a forest, and those of other instances if none here can be used.</summary>
    public async Task<ForestAgents> LookAsync(TenantRoute route, CancellationToken cancel)
    {
        var here = Here(route);
        return here.Usable > 0 ? here : here with { Elsewhere = (await others.AgentsOfAsync(route, cancel)).Count };
    }

    /// <summary>Those that are known, each with how far this machine's is before it.</summary>
    public IEnumerable<(string Of, TimeSpan Ahead)> Clocks() => instances.ClockAhead is { } ahead ? [("the database's server", ahead)] : [];

    private Finding Database() => GatewayHealth.Database(watch.IsRead, watch.Silent);

    private async Task<Finding> AgentsAsync(CancellationToken cancel) =>
        GatewayHealth.Agents(await Task.WhenAll(Routes().Select(route => LookAsync(route, cancel))));

    private ForestAgents Here(TenantRoute route)
    {
        var standings = registry.StandingsOf(route, options.Agents.SuspectAfter);
        return new ForestAgents(
            route.Tenant, route.Forest, standings.Count(each => each != AgentStanding.Leaving), standings.Count(each => each == AgentStanding.Healthy));
    }

    /// <summary>When the certificates end that do not renew themselves; of those that can be read.</summary>
    public IEnumerable<(string Name, DateTimeOffset Ends)> Ends()
    {
        using var ca = X509CertificateLoader.LoadCertificate(authority.Certificate);
        yield return ("ca", ca.NotAfter.ToUniversalTime());
        if (options.Page.CertificateFile.Length > 0 && ReadPage().Certificate is { } page)
        {
            yield return ("page", page.NotAfter.ToUniversalTime());
            page.Dispose();
        }
    }

    private Finding Certificates()
    {
        using var ca = X509CertificateLoader.LoadCertificate(authority.Certificate);
        var own = Judge("the CA", ca, AuthorityWarning);
        if (options.Page.CertificateFile.Length == 0)
        {
            return own;
        }

        var (page, fault) = ReadPage();
        using (page)
        {
            return own.And(page is null
                ? new Finding(HealthState.Degraded, $"the page's certificate cannot be read: {fault}")
                : Judge("the page's certificate", page, PageWarning));
        }
    }

    private (X509Certificate2? Certificate, string Fault) ReadPage()
    {
        try
        {
            return (X509CertificateLoader.LoadCertificateFromFile(options.Page.CertificateFile), "");
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return (null, fault.Message);
        }
    }

    private Finding Judge(string name, X509Certificate2 certificate, TimeSpan warning) => ProgramHealth.Certificate(
        name, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), clock.GetUtcNow(), warning);
}
