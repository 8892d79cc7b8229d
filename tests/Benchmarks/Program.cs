using System.CommandLine;
using System.Runtime.Versioning;
using Passthrough.Benchmarks.Audit;
using Passthrough.Benchmarks.Cluster;
using Passthrough.Benchmarks.Discovery;
using Passthrough.Benchmarks.EndToEnd;
using Passthrough.Benchmarks.Journal;
using Passthrough.Benchmarks.Lockout;
using Passthrough.Benchmarks.Micro;
using Passthrough.Benchmarks.Steering;

// It reads /proc and starts Debian's slapd and FreeRADIUS.
[assembly: SupportedOSPlatform("linux")]

var root = new RootCommand("Measures Passthrough: whole sign-ins against a baseline, and the pieces of the hot path.")
{
    EndToEndCommand.Create(),
    MicroCommand.Create(),
    JournalCommand.Create(),
    LockoutCommand.Create(),
    NamesCommand.Create(),
    DiscoveryCommand.Create(),
    SteeringCommand.Create(),
    AuditCommand.Create(),
    ClusterCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
