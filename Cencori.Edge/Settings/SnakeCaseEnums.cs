using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Settings;

/// <summary>Reads and writes enums as JSON: one name in snake_case. Letter case is ignored in reading. The framework's own converter also reads
/// <c>a,b</c>, and combines both values into a third one.</summary>
public sealed class SnakeCaseEnums : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    /// <summary>Finds the value with this name in snake_case, ignoring letter case. Null: there is none.</summary>
    public static T? Find<T>(string? text)
        where T : struct, Enum =>
        text is not null && Converter<T>.Values.TryGetValue(text, out var value) ? value : null;

    private sealed class Converter<T> : JsonConverter<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<T, string> Names =
            Enum.GetValues<T>().Distinct().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static Dictionary<string, T> Values { get; } = Names.ToDictionary(name => name.Value, name => name.Key, StringComparer.OrdinalIgnoreCase);

        // The type is in the message, because AdminJson takes it from there.
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Find<T>(reader.GetString()) is { } value ? value : throw new JsonException($"The JSON value could not be converted to {typeof(T)}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Names.TryGetValue(value, out var name) ? name : throw new JsonException($"{typeof(T)} has no name for this value."));
    }
}
