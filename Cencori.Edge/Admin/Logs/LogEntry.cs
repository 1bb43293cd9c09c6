using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Admin.Logs;

/// <summary>A request record as JSON in API responses: each column of the record is a member.</summary>
[JsonConverter(typeof(Converter))]
internal sealed record LogEntry(RequestRecord Record)
{
    private sealed class Converter : JsonConverter<LogEntry>
    {
        public override LogEntry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Log entries are only written, never read.");

        public override void Write(Utf8JsonWriter writer, LogEntry value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var column in RecordColumns.All)
            {
                writer.WritePropertyName(column.Member);
                Write(writer, column, column.Get(value.Record));
            }

            writer.WriteEndObject();
        }

        private static void Write(Utf8JsonWriter writer, RecordColumn column, RecordValue value)
        {
            if (column.IsText ? value.Text is null : value.OptionalNumber is null)
            {
                writer.WriteNullValue();
                return;
            }

            switch (column.Kind)
            {
                case RecordKind.Json:
                    writer.WriteRawValue(value.Text!);
                    break;
                case RecordKind.Time:
                    writer.WriteStringValue(DateTimeOffset.FromUnixTimeMilliseconds(value.Number));
                    break;
                case RecordKind.Flag:
                    writer.WriteBooleanValue(value.Number != 0);
                    break;
                case RecordKind.Choice:
                    writer.WriteStringValue(Word(column, value.Number));
                    break;
                case RecordKind.Money:
                    writer.WriteNumberValue(Picodollars.ToUsd(value.Number));
                    break;
                case RecordKind.Text or RecordKind.Name or RecordKind.RequestId:
                    writer.WriteStringValue(value.Text);
                    break;
                default:
                    writer.WriteNumberValue(value.Number);
                    break;
            }
        }

        // Returns the name of an enum value. A newer edge version on the same database may have stored a value that this version does not know.
        private static string Word(RecordColumn column, long number) =>
            number >= 0 && number < column.Words.Count ? column.Words[(int)number] : number.ToString(CultureInfo.InvariantCulture);
    }
}
