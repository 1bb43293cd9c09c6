using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Dashboard.ModelPrices;
using Cencori.Edge.Dashboard.Parts;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>Numbers as people type them. No number is misread.</summary>
public class FormNumbersTests
{
    [Fact]
    public void A_comma_is_refused_in_any_position() =>
        Gen.Select(Gen.Int[0, 10_000_000], Gen.Int[0, 8], Gen.Bool).Sample((number, at, isAmount) =>
        {
            var text = number.ToString(CultureInfo.InvariantCulture);
            text = text.Insert(Math.Min(at, text.Length), ",");
            var form = Form(("x", text), ("budget", "limit"), ("monthly_budget_usd", text), ("prices[0].model", "m"), ("prices[0].input", text));
            Assert.Throws<RefusedException>(() => isAmount ? FormNumbers.Amount(form, "x") : FormNumbers.ReadInteger(form, "x"));
            Assert.Throws<RefusedException>(() => KeyForm.ReadBudget(form));
            Assert.Equal("prices[0].input", Assert.Throws<RefusedException>(() => PriceForm.Read(form)).Error.Param);
        });

    [Fact]
    public void A_number_with_a_decimal_point_is_read_exactly() =>
        Gen.Select(Gen.Int[0, 10_000_000], Gen.Int[0, 9_999]).Sample((number, part) =>
        {
            var amount = number + (part / 10_000m);
            Assert.Equal(amount, FormNumbers.Amount(Form(("x", $" ${FormNumbers.Text(amount)} ")), "x"));
            Assert.Equal(number, FormNumbers.ReadInteger(Form(("x", $" {number} ")), "x"));
        });

    [Fact]
    public void A_price_without_a_model_is_refused_and_an_empty_row_is_ignored()
    {
        var refused = Assert.Throws<RefusedException>(() => PriceForm.Read(Form(
            ("prices[0].provider", "openai"), ("prices[0].model", " "), ("prices[0].input", ""), ("prices[1].provider", "openai"), ("prices[1].model", ""), ("prices[1].output", "4"))));
        Assert.Equal("prices[1].model", refused.Error.Param);
        Assert.Contains("Enter the model", refused.Error.Message, StringComparison.Ordinal);

        Assert.Empty(PriceForm.Read(Form(
            ("prices[0].provider", "openai"), ("prices[0].model", ""), ("prices[0].input", " "), ("prices[1].provider", "openai"), ("prices[1].model", ""), ("prices[1].output", "4"), ("prices[1].remove", "true"))));
    }

    private static FormCollection Form(params (string Name, string Value)[] fields) => new(fields.ToDictionary(field => field.Name, field => new Microsoft.Extensions.Primitives.StringValues(field.Value)));
}
