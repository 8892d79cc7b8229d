using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Serialization;
using Hyperion;

namespace Passthrough.Agent.Hosting;

/// <summary>Hyperion, closed: it writes and reads a list of types and nothing else. The types are flat (fixed-size fields and
/// short strings), so what each looks like in bytes is known, and every message is walked before Hyperion sees it: a length
/// that lies, a manifest of another type or a byte too many is refused before anything is allocated.</summary>
internal sealed class ClosedHyperion
{
    /// <summary>The longest string in a message, in bytes of UTF-8: Hyperion's short form.</summary>
    public const int MaxStringBytes = 253;

    /// <summary>Hyperion's mark of a known type; two bytes with its place in the list follow.</summary>
    private const byte KnownTypeMark = 254;
    private const int MarkLength = 3;

    private static readonly FrozenDictionary<Type, int> FixedSizes = new Dictionary<Type, int>
    {
        [typeof(Guid)] = 16,
        [typeof(ulong)] = 8,
        [typeof(long)] = 8,
        [typeof(int)] = 4,
    }.ToFrozenDictionary();

    private readonly Serializer _hyperion;
    private readonly FrozenDictionary<Type, Shape> _shapes;

    /// <param name="types">A type's place in this list is on the wire: it only ever grows at its end.</param>
    public ClosedHyperion(IReadOnlyList<Type> types)
    {
        _shapes = types.Select((type, place) => KeyValuePair.Create(type, Shape.Of(type, place))).ToFrozenDictionary();
        _hyperion = new Serializer(new SerializerOptions(
            versionTolerance: false,
            preserveObjectReferences: false,
            surrogates: null,
            serializerFactories: null,
            knownTypes: types,
            ignoreISerializable: true,
            packageNameOverrides: null,
            // Without this the filter is not asked.
            disallowUnsafeTypes: true,
            typeFilter: new ListedTypes(types)));
    }

    /// <exception cref="SerializationException">The type is not in the list, or a string is too long.</exception>
    public byte[] Write(object message)
    {
        var shape = ShapeOf(message.GetType());
        using var stream = new MemoryStream();
        _hyperion.Serialize(message, stream);
        var bytes = stream.ToArray();
        return shape.Fits(bytes) ? bytes : throw new SerializationException($"{message.GetType().Name} is longer than it may be");
    }

    /// <exception cref="SerializationException">The bytes are not one message of this type.</exception>
    public object Read(byte[] bytes, Type type)
    {
        if (!ShapeOf(type).Fits(bytes))
        {
            throw new SerializationException($"{bytes.Length} bytes are not a {type.Name}");
        }

        using var stream = new MemoryStream(bytes, writable: false);
        var message = _hyperion.Deserialize(stream);
        return message.GetType() == type ? message : throw new SerializationException($"not a {type.Name}");
    }

    private Shape ShapeOf(Type type) =>
        _shapes.GetValueOrDefault(type) ?? throw new SerializationException($"{type} does not cross between nodes");

    /// <summary>What a type looks like in bytes: the mark, then the fields in the order of their names.</summary>
    private sealed record Shape(int Place, IReadOnlyList<Type> Fields)
    {
        public static Shape Of(Type type, int place)
        {
            var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .OrderBy(field => field.Name, StringComparer.Ordinal)
                .Select(field => field.FieldType)
                .ToArray();
            return Array.TrueForAll(fields, field => field == typeof(string) || FixedSizes.ContainsKey(field))
                ? new Shape(place, fields)
                : throw new ArgumentException($"{type} is not flat", nameof(type));
        }

        public bool Fits(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < MarkLength || bytes[0] != KnownTypeMark || (bytes[1] | (bytes[2] << 8)) != Place)
            {
                return false;
            }

            var rest = bytes[MarkLength..];
            foreach (var field in Fields)
            {
                // A short string is its length plus one, then its bytes; 0 stands for null and 255 for the long form.
                var length = field != typeof(string) ? FixedSizes[field]
                    : rest.IsEmpty || rest[0] is 0 or > MaxStringBytes + 1 ? int.MaxValue
                    : rest[0];
                if (rest.Length < length)
                {
                    return false;
                }

                rest = rest[length..];
            }

            return rest.IsEmpty;
        }
    }

    /// <summary>Hyperion's own list compares names with the version in them and so refuses everything.</summary>
    private sealed class ListedTypes(IEnumerable<Type> types) : ITypeFilter
    {
        private readonly FrozenSet<string> _names = types.Select(Name).ToFrozenSet(StringComparer.Ordinal);

        public bool IsAllowed(string typeName) => _names.Contains(WithoutVersion(typeName));

        private static string Name(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

        private static string WithoutVersion(string typeName)
        {
            var version = typeName.IndexOf(", Version=", StringComparison.Ordinal);
            return version < 0 ? typeName : typeName[..version];
        }
    }
}
