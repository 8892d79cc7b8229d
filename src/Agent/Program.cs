using System.Collections;
using Passthrough.Agent.Hosting;

var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
return await new AgentCommand(environment, TimeProvider.System, Console.Out, Console.Error).RunAsync(args);
