using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.ModelPrices;

/// <summary>
/// Maps prices to rows of a form and back. Columns exist for the parts that most prices have. The other parts of a price (tiers, audio, images) are in a
/// hidden field and stay unchanged.
/// </summary>
internal static class PriceForm
{
    /// <summary>Number of empty rows at the end of the form, for new prices.</summary>
    public const int New = 3;

    /// <summary>Maximum prices that a form can edit: the server reads at most a thousand fields per form.</summary>
    public const int Max = 80;

    private const string Rest = "rest";

    // Columns with amounts, by the API's names of the members.
    private static readonly string[] Amounts = ["input", "cached_input", "cache_write", "output", "per_image", "per_minute"];

    public static string Name(int row, string field) => $"prices[{row}].{field}";

    public static FormState Of(IReadOnlyList<ModelPrice> prices)
    {
        var values = new Dictionary<string, string?>();
        for (var row = 0; row < prices.Count; row++)
        {
            var price = prices[row];
            values[Name(row, "provider")] = price.Provider;
            values[Name(row, "model")] = price.Model;
            foreach (var (field, amount) in Amounts.Zip(new[] { price.Input, price.CachedInput, price.CacheWrite, price.Output, price.PerImage, price.PerMinute }))
            {
                values[Name(row, field)] = FormNumbers.Text(amount);
            }

            values[Name(row, Rest)] = JsonSerializer.Serialize(price, PriceRules.Json);
        }

        return new(values);
    }

    /// <summary>Number of rows in a form, including empty rows.</summary>
    public static int Rows(FormState state) => Enumerable.Range(0, PriceRules.MaxEntries).TakeWhile(row => state.Values.ContainsKey(Name(row, "model"))).Count();

    /// <summary>Reads the prices. Skips rows that have neither a model nor an amount, and rows marked for removal.</summary>
    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static List<ModelPrice> Read(IFormCollection form)
    {
        var prices = new List<ModelPrice>();
        for (var row = 0; form.ContainsKey(Name(row, "model")); row++)
        {
            var (provider, model) = (form[Name(row, "provider")].ToString().Trim(), form[Name(row, "model")].ToString().Trim());
            if (!form.ContainsKey(Name(row, "remove")) && (model.Length > 0 || HasAmount(form, row)))
            {
                if (model.Length == 0)
                {
                    throw new RefusedException(EdgeError.Invalid($"Row {row + 1} has prices but no model. Enter the model.", Name(row, "model")));
                }

                prices.Add(Stored(form, row) with
                {
                    Provider = provider,
                    Model = model,
                    Input = Amount(form, row, 0),
                    CachedInput = Amount(form, row, 1),
                    CacheWrite = Amount(form, row, 2),
                    Output = Amount(form, row, 3),
                    PerImage = Amount(form, row, 4),
                    PerMinute = Amount(form, row, 5),
                });
            }
        }

        return prices;
    }

    /// <summary>The parts of a price that no column shows; empty: none.</summary>
    public static string More(ModelPrice price) => string.Join(", ", ((string?[])
    [
        price.ServiceTier is { } tier ? $"tier {tier}" : null,
        price.AboveInputTokens is { } tokens ? $"above {Numbers.Exact(tokens)} tokens" : null,
        price.From is { } day ? $"from {day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : null,
        price.HourCacheWrite is null ? null : "cache for an hour",
        (price.InputAudio ?? price.OutputAudio) is null ? null : "sound",
        (price.InputImage ?? price.OutputImage) is null ? null : "images",
    ]).OfType<string>());

    private static bool HasAmount(IFormCollection form, int row) => Amounts.Any(field => form[Name(row, field)].ToString().Trim().Length > 0);

    private static ModelPrice Stored(IFormCollection form, int row)
    {
        var rest = form[Name(row, Rest)].ToString();
        if (rest.Length > 0)
        {
            try
            {
                return JsonSerializer.Deserialize<ModelPrice>(rest, PriceRules.Json)!;
            }
            catch (JsonException)
            {
                throw new RefusedException(EdgeError.Invalid("The form contained damaged data for this row, in a field that the page does not show. Reload the page and enter the changes again.", Name(row, "model")));
            }
        }

        return new ModelPrice { Provider = "", Model = "" };
    }

    private static decimal? Amount(IFormCollection form, int row, int field) => FormNumbers.Amount(form, Name(row, Amounts[field]));
}
