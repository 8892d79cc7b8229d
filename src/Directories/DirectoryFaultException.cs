namespace Passthrough.Directories;

/// <summary>A directory cannot be used as it is configured. The message is one line for an operator: what is wrong, with which
/// thing, and what to do next.</summary>
public sealed class DirectoryFaultException(string message, Exception? inner = null) : Exception(message, inner);
