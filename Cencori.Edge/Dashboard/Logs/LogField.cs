using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Formats one value of a record as a CSV field.</summary>
internal static class LogField
{
    public static string Of(RecordColumn column, RequestRecord record)
    {
        var value = column.Get(record);
        if (column.IsText)
        {
            return CsvText.Field(value.Text ?? "");
        }

        return value.OptionalNumber is not { } number ? "" : column.Kind switch
        {
            RecordKind.Time => DateTimeOffset.FromUnixTimeMilliseconds(number).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            RecordKind.Flag => number != 0 ? "true" : "false",
            RecordKind.Choice => number >= 0 && number < column.Words.Count ? column.Words[(int)number] : number.ToString(CultureInfo.InvariantCulture),
            RecordKind.Money => Picodollars.ToUsd(number).ToString("0.############", CultureInfo.InvariantCulture),
            _ => number.ToString(CultureInfo.InvariantCulture),
        };
    }
}
