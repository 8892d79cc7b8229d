#pragma warning disable IDE0005 // Compiled into the gateway too, whose SDK uses some of these by itself.
using System.Diagnostics;

namespace Passthrough.Agent.Monitoring;

/// <summary>Traces of attempts. The trace's id is the AttemptId, so what gateways and agents tell of one attempt comes together without
/// anything more on the wire. No name of a person is in them. Off, it costs a look at a flag.</summary>
internal static class Tracing
{
    private static readonly ActivitySource Source = new("Passthrough.Attempts");

    /// <summary>This program's part in an attempt; null: nobody listens.</summary>
    public static Activity? Begin(string name, Guid attempt)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        Span<byte> id = stackalloc byte[16];
        attempt.TryWriteBytes(id, bigEndian: true, out _);
        var context = new ActivityContext(
            ActivityTraceId.CreateFromBytes(id), ActivitySpanId.CreateFromBytes(id[8..]), ActivityTraceFlags.Recorded, isRemote: true);
        return Source.StartActivity(name, ActivityKind.Server, context);
    }

    /// <summary>A step of the attempt that this flow of control is in; null: nobody listens.</summary>
    public static Activity? Step(string name) => Source.HasListeners() ? Source.StartActivity(name) : null;
}
