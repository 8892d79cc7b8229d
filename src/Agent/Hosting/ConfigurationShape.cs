using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace Passthrough.Agent.Hosting;

/// <summary>Compares what is configured with what can be: the framework's binder stops at the first unknown key, an operator
/// wants to hear of all of them.</summary>
internal static class ConfigurationShape
{
    /// <summary>Each key that no option has, and each value that cannot be read as its option's type.</summary>
    public static IReadOnlyList<ShapeFault> Faults(Microsoft.Extensions.Configuration.IConfiguration configuration, Type options) =>
        [.. configuration.GetChildren().SelectMany(section => SectionFaults(section, options))];

    private static IEnumerable<ShapeFault> SectionFaults(Microsoft.Extensions.Configuration.IConfigurationSection section, Type parent) =>
        TypeOf(section.Key, parent) is { } type ? ValueFaults(section, type)
        : Leaves(section).Select(leaf => new ShapeFault(leaf.Path, $"{leaf.Path} is not an option"));

    private static IEnumerable<ShapeFault> ValueFaults(Microsoft.Extensions.Configuration.IConfigurationSection section, Type type)
    {
        if (!IsScalar(type))
        {
            // A section that is given as a bare value; an empty one is how JSON's [] and {} arrive.
            return string.IsNullOrEmpty(section.Value)
                ? section.GetChildren().SelectMany(child => SectionFaults(child, type))
                : Unreadable(section, ElementOf(type) is null ? "a section" : "a list");
        }

        var nested = section.GetChildren().SelectMany(Leaves)
            .Select(leaf => new ShapeFault(leaf.Path, $"{leaf.Path} is not an option"));
        return section.Value is { } text && !CanRead(text, type)
            ? nested.Concat(Unreadable(section, Describe(type)))
            : nested;
    }

    private static IEnumerable<ShapeFault> Unreadable(Microsoft.Extensions.Configuration.IConfigurationSection section, string expected) =>
        [new ShapeFault(section.Path, $"{section.Path} is '{section.Value}': must be {expected}")];

    private static Type? TypeOf(string key, Type parent) =>
        ElementOf(parent) is { } element ? (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? element : null)
        : IsScalar(parent) ? null
        : Options(parent).FirstOrDefault(p => p.Name.Equals(key, StringComparison.OrdinalIgnoreCase))?.PropertyType;

    /// <summary>What can be configured: the settable properties, and lists, to which the binder adds.</summary>
    public static IEnumerable<PropertyInfo> Options(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is { IsPublic: true } || ElementOf(p.PropertyType) is not null);

    public static Type? ElementOf(Type type) =>
        type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) ? null
        : type.IsArray ? type.GetElementType()
        : type.GetGenericArguments().FirstOrDefault();

    public static bool IsScalar(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare.IsPrimitive || bare.IsEnum || bare == typeof(string) || bare == typeof(TimeSpan) || bare == typeof(Uri);
    }

    private static IEnumerable<Microsoft.Extensions.Configuration.IConfigurationSection> Leaves(Microsoft.Extensions.Configuration.IConfigurationSection section) =>
        section.GetChildren().Any() ? section.GetChildren().SelectMany(Leaves) : [section];

    private static bool CanRead(string text, Type type)
    {
        try
        {
            var bare = Nullable.GetUnderlyingType(type) ?? type;
            return TypeDescriptor.GetConverter(bare).ConvertFromInvariantString(text) is { } value
                && (!bare.IsEnum || Enum.IsDefined(bare, value));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Describe(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare == typeof(TimeSpan) ? "a time as hours:minutes:seconds, as 00:00:15"
            : bare == typeof(bool) ? "true or false"
            : bare.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(bare))}"
            : bare == typeof(Uri) ? "an address"
            : $"a whole number that fits {bare.Name}";
    }
}

/// <summary>A place in the configuration, and what is wrong there.</summary>
internal sealed record ShapeFault(string Path, string Message);
