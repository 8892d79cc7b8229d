namespace Passthrough.Benchmarks.Processes;

/// <summary>The run cannot go on; the message is for the person who started it.</summary>
internal sealed class BenchmarkFault(string message) : Exception(message);
