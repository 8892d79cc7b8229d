using System.Collections;
using Passthrough.Gateway.Admin;

var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
return await new AdminCommand(environment, TimeProvider.System, Console.Out, Console.Error).RunAsync(args);
