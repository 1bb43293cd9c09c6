using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>
/// Reads numbers in forms. An empty field never means "no limit": only the checkbox beside it does. A comma is refused, because it is a decimal separator in some
/// countries and a thousands separator in others, so the same text could mean a value a thousand times larger.
/// </summary>
internal static class FormNumbers
{
    /// <summary>The name of the checkbox "none" of a number field.</summary>
    public static string NoneOf(string name) => name + "_none";

    /// <returns>The number. Null: the checkbox "none" is ticked.</returns>
    /// <exception cref="RefusedException">The field is empty and the checkbox is not ticked; or the field has a number and the checkbox is ticked.</exception>
    public static long? ReadIntegerOrNone(IFormCollection form, string name) => IsNone(form, name) ? null : ReadInteger(form, name)
        ?? throw new RefusedException(EdgeError.Invalid("Enter a number, or tick the box for none.", name));

    /// <returns>Null: the field is empty.</returns>
    public static long? ReadInteger(IFormCollection form, string name)
    {
        var text = Text(form, name);
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new RefusedException(EdgeError.Invalid("Enter a whole number, such as 600, without points or commas.", name));
    }

    /// <inheritdoc cref="ReadIntegerOrNone"/>
    public static decimal? AmountOrNone(IFormCollection form, string name) => IsNone(form, name) ? null : Amount(form, name)
        ?? throw new RefusedException(EdgeError.Invalid("Enter an amount, or tick the box for none.", name));

    /// <returns>Null: the field is empty.</returns>
    public static decimal? Amount(IFormCollection form, string name)
    {
        var text = Text(form, name).TrimStart('$');
        return text.Length == 0 ? null
            : decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount) ? amount
            : throw new RefusedException(EdgeError.Invalid("Enter an amount in US dollars, such as 1250 or 12.50, without commas.", name));
    }

    /// <summary>Formats an amount for a form field.</summary>
    public static string? Text(decimal? amount) => amount?.ToString("0.############", CultureInfo.InvariantCulture);

    /// <summary>Formats a number for a form field, without an exponent.</summary>
    public static string? Decimals(double? number) => number?.ToString("0.####################", CultureInfo.InvariantCulture);

    // A number with a ticked checkbox is an error. Otherwise a user who overlooks the tick would remove the limit.
    private static bool IsNone(IFormCollection form, string name) => form.ContainsKey(NoneOf(name))
        && (Text(form, name).Length == 0 ? true : throw new RefusedException(EdgeError.Invalid("The field has a number, but the box for none is ticked. Clear the field, or untick the box.", name)));

    private static string Text(IFormCollection form, string name) => form[name].ToString().Trim();
}
