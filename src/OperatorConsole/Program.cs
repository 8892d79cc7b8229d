using Passthrough.OperatorConsole;

var settings = ConsoleSettings.Read(args, Environment.GetEnvironmentVariable, File.Exists);
using var interrupts = new Interrupts();
var screen = new Screen(Console.Out, Console.Error, isSeen: !Console.IsErrorRedirected);
return await new ConsoleCommand(settings, Environment.GetEnvironmentVariable("SUDO_USER") ?? Environment.UserName, screen, interrupts)
    .RunAsync(Console.IsInputRedirected ? new PipedLines(Console.In) : new TypedLines(screen));
