using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.ModelPrices;

/// <summary>The page of a project's own model prices, which override prices.json, and of its models without a price.</summary>
internal static class PricesPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/prices", ShowAsync).WithMetadata(new PageCompression());
        pages.MapPost("/p/{slug}/prices", SaveAsync).WithMetadata(PageAccess.Members);
    }

    private static Task<IResult> ShowAsync(PageRequest page, PriceEditor prices, Prices list, ProviderCatalog providers) =>
        RenderAsync(page, prices, list, providers, form: null, StatusCodes.Status200OK);

    private static async Task<IResult> SaveAsync(PageRequest page, PriceEditor prices, Prices list, ProviderCatalog providers)
    {
        var form = await page.FormAsync();
        List<ModelPrice> read;
        try
        {
            read = PriceForm.Read(form);
        }
        catch (RefusedException refused)
        {
            return await RenderAsync(page, prices, list, providers, FormState.Refused(form, refused.Error), refused.Error.Status);
        }

        try
        {
            await prices.ReplaceAsync(page.Actor, page.Project.Id, new() { Prices = read }, Precondition.Tag(form["tag"]), page.Aborted);
            return PageRequest.RedirectTo(page.Project.Path + "/prices", "saved");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            // The editor skips empty rows, so the row number in its error may not be the row number in the form.
            var tag = (await prices.GetAsync(page.Project.Id, page.Aborted)).Tag;
            return await RenderAsync(page, prices, list, providers, FormConflict.Refused(form, refused.Error with { Param = null }, tag), refused.Error.Status);
        }
    }

    private static async Task<IResult> RenderAsync(PageRequest page, PriceEditor prices, Prices list, ProviderCatalog providers, FormState? form, int status)
    {
        var found = await prices.GetAsync(page.Project.Id, page.Aborted);
        return Page.Show<PricesPage, PricesModel>(page.Frame("Prices", Section.Budget), new()
        {
            Prices = found.Value.Prices,
            Unpriced = found.Value.Unpriced,
            Providers = [.. providers.All.Select(provider => provider.Id).Order(StringComparer.Ordinal)],
            Listed = [.. list.Providers.Order(StringComparer.Ordinal)],
            Fault = list.Fault,
            Form = form ?? PriceForm.Of(found.Value.Prices),
            Tag = found.Tag,
            Path = page.Project.Path + "/prices",
        }, status);
    }
}

/// <summary>Everything that the prices page shows.</summary>
public sealed class PricesModel
{
    public required IReadOnlyList<ModelPrice> Prices { get; init; }

    public required IReadOnlyList<UnpricedModel> Unpriced { get; init; }

    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>Providers with prices in prices.json.</summary>
    public required IReadOnlyList<string> Listed { get; init; }

    /// <summary>Why the last change of prices.json was refused; null: the last change is in force.</summary>
    public required string? Fault { get; init; }

    public required FormState Form { get; init; }

    public required string Tag { get; init; }

    public required string Path { get; init; }
}
