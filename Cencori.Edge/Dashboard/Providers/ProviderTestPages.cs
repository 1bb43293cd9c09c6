using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Providers;

/// <summary>The page that tests a credential with one small request. The response page shows the result. The result is not stored.</summary>
internal static class ProviderTestPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/providers/test", AskAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/providers/test", TestAsync).WithMetadata(PageAccess.Members, new LongResponseMetadata());
    }

    private static async Task<IResult> AskAsync(PageRequest page, ProviderCards cards)
    {
        var query = page.Context.Request.Query;
        var (card, slot, key) = await cards.FindAsync(page.Project.Id, name => query[name], page.Aborted);
        var state = new FormState(new Dictionary<string, string?> { ["model"] = card.DefaultTestModel });
        return Show(page, new(card, slot, key, Test: null, state), StatusCodes.Status200OK);
    }

    private static async Task<IResult> TestAsync(PageRequest page, ProviderCards cards, ProviderTester tester)
    {
        var form = await page.FormAsync();
        var (card, slot, key) = await cards.FindAsync(page.Project.Id, name => form[name], page.Aborted);
        try
        {
            var test = await tester.TestAsync(page.Actor, page.Project.Id, key is null ? new(card.Id, slot.Environment) : CredentialRef.OfId(key.Id), new() { Model = form["model"] }, page.Aborted);
            return Show(page, new(card, slot, key, test, new(new Dictionary<string, string?> { ["model"] = test.Model })), StatusCodes.Status200OK);
        }
        catch (RefusedException refused) when (refused.Error.Status is StatusCodes.Status400BadRequest or StatusCodes.Status429TooManyRequests)
        {
            return Show(page, new(card, slot, key, Test: null, FormState.Refused(form, refused.Error)), refused.Error.Status);
        }
    }

    private static IResult Show(PageRequest page, TestModel model, int status) =>
        Page.Show<TestPage, TestModel>(page.Frame($"Test of {model.Provider.Id}", Section.Providers), model, status);
}
