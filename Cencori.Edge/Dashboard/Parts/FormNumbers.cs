using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>
/// Numbers in forms. An empty field means nothing: a checkbox beside it says "no limit". A comma is refused, because it is a decimal separator in some
/// countries and a thousands separator in others, so the same text could mean a value a thousand times larger.
/// </summary>
internal static class FormNumbers
{
    /// <summary>The name of the checkbox that says "none" for a field.</summary>
    public static string NoneOf(string name) => name + "_none";

    /// <returns>Null: the checkbox is ticked.</returns>
    /// <exception cref="RefusedException">There is no number and no tick, or both.</exception>
    public static long? WholeOrNone(IFormCollection form, string name) => IsNone(form, name) ? null : Whole(form, name)
        ?? throw new RefusedException(EdgeError.Invalid("Enter a number, or tick the box for none.", name));

    /// <returns>Null: the field is empty.</returns>
    public static long? Whole(IFormCollection form, string name)
    {
        var text = Text(form, name);
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new RefusedException(EdgeError.Invalid("Enter a whole number, such as 600, without points or commas.", name));
    }

    /// <inheritdoc cref="WholeOrNone"/>
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

    /// <summary>An amount as the text of a field.</summary>
    public static string? Text(decimal? amount) => amount?.ToString("0.############", CultureInfo.InvariantCulture);

    // A user who enters a number and overlooks the ticked box must not end up without a limit.
    private static bool IsNone(IFormCollection form, string name) => form.ContainsKey(NoneOf(name))
        && (Text(form, name).Length == 0 ? true : throw new RefusedException(EdgeError.Invalid("The field has a number, but the box for none is ticked. Clear the field, or untick the box.", name)));

    private static string Text(IFormCollection form, string name) => form[name].ToString().Trim();
}
