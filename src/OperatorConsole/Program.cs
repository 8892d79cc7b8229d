using Passthrough.OperatorConsole;

return await new ConsoleCommand(
    Environment.GetEnvironmentVariable(ConsoleCommand.SocketVariable),
    Environment.GetEnvironmentVariable("SUDO_USER") ?? Environment.UserName,
    Console.Out, Console.Error).RunAsync(args);
