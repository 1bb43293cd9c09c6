namespace Cencori.Edge.Admin;

/// <summary>Writes texts as CSV fields.</summary>
internal static class CsvText
{
    /// <summary>Escapes one field. A value that a spreadsheet would run as a formula is changed, so that the spreadsheet shows it as text.</summary>
    public static string Field(string value)
    {
        var shown = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + value : value;
        return shown.AsSpan().ContainsAny("\",\r\n") || shown.StartsWith('\'') ? $"\"{shown.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : shown;
    }
}
