using Microsoft.EntityFrameworkCore;
using Passthrough.Audit;
using Passthrough.Dashboards;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Monitoring;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.TenantPage;

/// <summary>Brings the tenant page into the page's application, beside the sign-in, whose headers, limits and forms it uses.</summary>
internal static class TenantPageSetup
{
    /// <param name="agents">The services of the agents' application.</param>
    public static void AddTenantPage(this IServiceCollection services, GatewayParts parts, IServiceProvider agents)
    {
        services.AddSingleton(parts.Options);
        services.AddSingleton<IDbContextFactory<GatewayContext>>(parts.Database);
        services.AddSingleton(agents.GetRequiredService<AgentRegistry>());
        services.AddSingleton(agents.GetRequiredService<OtherInstances>());
        services.AddSingleton(agents.GetRequiredService<InstanceWatch>());
        services.AddSingleton(agents.GetRequiredService<KeptLocks>());
        services.AddSingleton(agents.GetRequiredService<GatewayMonitoring>());
        services.AddSingleton(new AuditNames(parts.Options.AuditPlace, parts.Clock));
        services.AddSingleton<TenantAccess>();
        services.AddSingleton<TenantSearch>();
        services.AddSingleton<AgentPanels>();
        services.AddSingleton<AttemptPanels>();
        services.AddSingleton<TenantView>();
        services.AddAuthentication().AddCookie(TenantAccess.Scheme, TenantAccess.Configure);
    }

    public static void MapTenantPage(this WebApplication app, TimeProvider clock)
    {
        TenantPageEndpoints.Map(app);
        var view = app.Services.GetRequiredService<TenantView>();
        app.MapDashboard(
            TenantPageEndpoints.Root,
            new DashboardSettings(clock)
            {
                MaxStreams = TenantView.MostStreams,
                Links = [("Search the log, sign out", TenantPageEndpoints.Search)],
            },
            view.ShowAsync);
    }
}
