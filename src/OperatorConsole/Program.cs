using Passthrough.OperatorConsole;

return await new ConsoleCommand(
    Environment.GetEnvironmentVariable(ConsoleCommand.SocketVariable), Console.Out, Console.Error).RunAsync(args);
