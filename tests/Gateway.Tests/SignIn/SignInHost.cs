using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Passthrough.Audit;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>Sign-in on a real HTTPS listener of the loopback address; only the agent behind it is played.</summary>
internal sealed class SignInHost : IAsyncDisposable
{
    public const string Tenant = "acme";
    public const string RightPassword = "Sommerzeit+ 42 & mehr = ä%";

    private readonly WebApplication _app;
    private readonly DirectoryInfo _state;

    private SignInHost(WebApplication app, DirectoryInfo state) => (_app, _state) = (app, state);

    public required Uri Address { get; init; }

    /// <summary>A key of <see cref="Tenant"/>.</summary>
    public required string Key { get; init; }

    public required string OtherTenantsKey { get; init; }

    /// <summary>Every line that was logged, with what its exceptions say.</summary>
    public required LogLines Log { get; init; }

    /// <summary>What reached the agent, in order: name and password.</summary>
    public List<(string Name, string Password)> Asked { get; } = [];

    /// <summary>And where from.</summary>
    public List<ClientSource> Sources { get; } = [];

    /// <summary>How the agent answers; by default it knows one password.</summary>
    public Func<TypedName, string, CancellationToken, Task<ValidationOutcome>> Agent { get; set; } = (_, password, _) =>
        Task.FromResult(Outcome(password == RightPassword ? Verdict.Success : Verdict.BadPassword));

    public static async Task<SignInHost> StartAsync(
        SignInOptions? options = null, string? stateDirectory = null, TimeProvider? time = null, AuditLog? audit = null)
    {
        var state = stateDirectory is null ? Directory.CreateTempSubdirectory("passthrough-sign-in-") : new(stateDirectory);
        var log = new LogLines();
        SignInHost? host = null;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        var (key, otherKey) = (ApiKey.Create(KeyPurpose.Validation), ApiKey.Create(KeyPurpose.Validation));
        var tenants = new TenantDirectory();
        tenants.Replace(SnapshotWith([(key, Tenant), (otherKey, "other")]));
        builder.Services.AddSingleton(tenants);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(audit ?? AuditLog.Off);
        builder.Services.AddSingleton<ValidatePassword>((_, name, password, source, cancel) => host!.AskAsync(name, password, source, cancel));
        builder.Services.AddSignIn(
            await PageKeysAsync(StateDirectory.Open(state.FullName)),
            options ?? new SignInOptions { SourceBurst = 1000, RefusalStep = TimeSpan.FromMilliseconds(20) });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(SelfSigned())));
        var app = builder.Build();
        app.MapSignIn();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        host = new SignInHost(app, state)
        {
            Address = new Uri(address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)),
            Key = key.Reveal(),
            OtherTenantsKey = otherKey.Reveal(),
            Log = log,
        };
        return host;
    }

    public static ValidationOutcome Outcome(Verdict verdict, AnswerDetail? detail = null) => new(
        new AttemptId(Guid.CreateVersion7()), verdict, "a7f3c2d1", "agent-1", detail, 1, TimeSpan.FromMilliseconds(7));

    /// <summary>One tenant with the suffix corp.example, another with none.</summary>
    public static TenantSnapshot SnapshotWith(IEnumerable<(ApiKey Key, string Tenant)> keys) => new(
        1, [Tenant, "other"], [new Suffix { Name = "corp.example", TenantId = Tenant, Forest = "corp.example" }],
        keys.Select(k => new ApiKeyEntry(k.Key.Id, k.Tenant, k.Key.SecretHash, null)), []);

    /// <summary>A browser without a user: keeps cookies, follows nothing, trusts this host's certificate.</summary>
    public HttpClient Client() => new(new HttpClientHandler
    {
        AllowAutoRedirect = false,
        CookieContainer = new CookieContainer(),
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
    })
    { BaseAddress = Address };

    public void Revoke() => _app.Services.GetRequiredService<TenantDirectory>().Replace(TenantSnapshot.Empty);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (Directory.Exists(_state.FullName))
        {
            _state.Delete(recursive: true);
        }
    }

    private async Task<ValidationOutcome> AskAsync(
        TypedName name, TypedPassword password, ClientSource source, CancellationToken cancel)
    {
        var text = password.Reveal(0, (_, utf8) => Encoding.UTF8.GetString(utf8));
        lock (Asked)
        {
            Asked.Add((name.Text, text));
            Sources.Add(source);
        }

        return await Agent(name, text, cancel);
    }

    /// <summary>As a gateway has them: in its database, under its CA's key.</summary>
    private static async Task<PageKeys> PageKeysAsync(StateDirectory state)
    {
        var database = GatewayContextFactory.Create("", state.Root);
        await DatabaseMigration.RunAsync(database, state, default);
        using var authority = await CertificateAuthority.OpenAsync(state, TimeProvider.System.GetUtcNow(), default);
        return new PageKeys(database, authority.DeriveKey(PageKeys.Purpose));
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));
    }
}
