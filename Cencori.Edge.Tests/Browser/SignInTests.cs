using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

public sealed class SignInTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser follows a sign-in.")]
    public async Task A_user_signs_in_sees_the_projects_and_signs_out()
    {
        await using var watched = await scene.OpenAsync();
        var page = watched.Page;
        await page.GotoAsync("/dashboard");

        await page.GetByLabel("Admin token").FillAsync(RunningEdge.AdminToken);
        await watched.AssertGoodAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Projects", Exact = true }).WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("projects");

        await page.Locator("details.menu summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByText("You are signed out.").WaitForAsync();
        await page.GotoAsync("/dashboard");
        await page.GetByLabel("Admin token").WaitForAsync();
        watched.AssertNoFaults();
    }
}
