using System.CommandLine;
using Passthrough.Benchmarks.Micro;

var root = new RootCommand("Measures Passthrough.")
{
    MicroCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
