using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Admin;

/// <summary>A member of a PATCH body, which distinguishes an absent member (the value stays) from null (the value is removed).</summary>
[JsonConverter(typeof(PatchFieldConverterFactory))]
public readonly record struct PatchField<T>(bool IsPresent, T Value)
{
    /// <summary>Creates a present member from a value.</summary>
    public static implicit operator PatchField<T>(T value) => new(true, value);

    public T Or(T current) => IsPresent ? Value : current;
}

/// <summary>Creates converters for <see cref="PatchField{T}"/>. A converter sets <c>IsPresent</c>, because the serializer calls it only for members that are in the JSON.</summary>
public sealed class PatchFieldConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(PatchField<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Converter<T> : JsonConverter<PatchField<T>>
    {
        public override bool HandleNull => true;

        public override PatchField<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return new(true, JsonSerializer.Deserialize<T>(ref reader, options)!);
            }
            catch (JsonException exception)
            {
                // The path of the inner exception is relative to this member. Without a path, the outer serializer adds the full path of the member. Only the
                // message about an unknown field is copied, because it has the name of the field.
                throw AdminJson.IsOfUnknownField(exception) ? new JsonException(exception.Message) : new JsonException();
            }
        }

        public override void Write(Utf8JsonWriter writer, PatchField<T> value, JsonSerializerOptions options) =>
            throw new NotSupportedException("Patch fields are only read.");
    }
}
