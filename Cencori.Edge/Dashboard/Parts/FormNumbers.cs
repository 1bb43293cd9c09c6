using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>
/// Numbers of forms. A field that is left empty says nothing: that there is no limit is said by a box beside it. A comma is refused: half of the world
/// ends whole numbers with it, the other half thousands, and what is meant for the one is a thousand times too much for the other.
/// </summary>
internal static class FormNumbers
{
    /// <summary>The name of the box beside a field that says there is none.</summary>
    public static string NoneOf(string name) => name + "_none";

    /// <returns>Null: the box is ticked.</returns>
    /// <exception cref="RefusedException">It says neither a number nor that there is none.</exception>
    public static long? WholeOrNone(IFormCollection form, string name) => IsNone(form, name) ? null : Whole(form, name)
        ?? throw new RefusedException(EdgeError.Invalid("Write a number, or tick the box that says there is none.", name));

    /// <returns>Null: it is empty.</returns>
    public static long? Whole(IFormCollection form, string name)
    {
        var text = Text(form, name);
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new RefusedException(EdgeError.Invalid("This is a whole number, such as 600, without point and comma.", name));
    }

    /// <inheritdoc cref="WholeOrNone"/>
    public static decimal? AmountOrNone(IFormCollection form, string name) => IsNone(form, name) ? null : Amount(form, name)
        ?? throw new RefusedException(EdgeError.Invalid("Write an amount, or tick the box that says there is none.", name));

    /// <returns>Null: it is empty.</returns>
    public static decimal? Amount(IFormCollection form, string name)
    {
        var text = Text(form, name).TrimStart('$');
        return text.Length == 0 ? null
            : decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount) ? amount
            : throw new RefusedException(EdgeError.Invalid("This is an amount in US dollars, such as 1250 or 12.50, without commas.", name));
    }

    /// <summary>What a field of an amount is filled with.</summary>
    public static string? Text(decimal? amount) => amount?.ToString("0.############", CultureInfo.InvariantCulture);

    // Who has typed a number and not seen the box must not be left without a limit.
    private static bool IsNone(IFormCollection form, string name) => form.ContainsKey(NoneOf(name))
        && (Text(form, name).Length == 0 ? true : throw new RefusedException(EdgeError.Invalid("Here is a number, and the box says that there is none. Empty the field, or untick the box.", name)));

    private static string Text(IFormCollection form, string name) => form[name].ToString().Trim();
}
