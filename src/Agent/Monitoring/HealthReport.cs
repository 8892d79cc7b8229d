using System.Text.Json;
using System.Text.Json.Serialization;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Monitoring;

/// <summary>What <c>/health/live</c> and <c>/health/ready</c> answer.</summary>
/// <param name="Program">As its command is called.</param>
/// <param name="Node">What people call it.</param>
internal sealed record HealthReport(
    HealthState Status, string Program, string Node, string Version, IReadOnlyList<HealthReport.Part> Parts)
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Form);

    /// <summary>Null: it is none.</summary>
    public static HealthReport? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<HealthReport>(json, Form);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public sealed record Part(string Name, HealthState Status, string Reason);
}
