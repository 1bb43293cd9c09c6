using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Docs;

/// <summary>Every HTTP path on a documentation page exists, and every endpoint for callers is on a page.</summary>
public sealed class PageRoutesTests(ShippedEdge scene) : IClassFixture<ShippedEdge>
{
    private readonly RouteTable _table = new(scene.Edge);

    [Fact]
    public void Every_path_on_a_page_is_an_endpoint()
    {
        Assert.True(Page.All.Sum(page => RouteTable.On(page).Count()) > 300);
        Assert.Empty(Page.All.SelectMany(page => RouteTable.On(page).Where(path => !_table.Has(path.Method, path.Path)).Distinct().Select(path => $"{page.Name}: {path.Method} {path.Path}")));
    }

    [Fact]
    public void Every_endpoint_for_callers_is_on_a_page()
    {
        Assert.True(_table.DataPlane.Count() > 25);
        Assert.Empty(_table.DataPlane.Except(Page.All.SelectMany(RouteTable.On).Select(path => path.Path)));
    }

    [Theory]
    [InlineData("`POST /v1/chat/completion`", "POST", "/v1/chat/completion")]
    [InlineData("`/v1/embedding`", null, "/v1/embedding")]
    [InlineData("`/api/ai/chats`", null, "/api/ai/chats")]
    [InlineData("`GET` `/api/ai/chat`", "GET", "/api/ai/chat")]
    [InlineData("`/api/memory/serch`", null, "/api/memory/serch")]
    [InlineData("`/api/memory/namespaces/{id}`", null, "/api/memory/namespaces/{id}")]
    [InlineData("`/api/projects/{projectId}/budgets`", null, "/api/projects/{projectId}/budgets")]
    [InlineData("`PATCH /api/projects/{projectId}/budget`", "PATCH", "/api/projects/{projectId}/budget")]
    [InlineData("`/api/projects/{id}/budget`", null, "/api/projects/{id}/budget")]
    [InlineData("`POST …/provider-keys/{provider}/tests`", "POST", "…/provider-keys/{provider}/tests")]
    [InlineData("```sh\ncurl -X POST $API/$PROJECT/rate-limits\n```", "POST", "/api/projects/$PROJECT/rate-limits")]
    [InlineData("```sh\nNOTES=http://localhost:8080/api/memory\ncurl $NOTES/stores\n```", null, "/api/memory/stores")]
    [InlineData("`http://localhost:8080/health/life`", null, "/health/life")]
    public void A_path_that_does_not_exist_is_found(string text, string? method, string path)
    {
        var found = RouteTable.On(new Page("page.md", text)).Last();

        Assert.Equal((method, path), found);
        Assert.False(_table.Has(found.Method, found.Path));
    }

    [Theory]
    [InlineData("`GET`, `PUT` `/api/projects/{projectId}/budget`, `DELETE /api/projects/{projectId}/routes/{**name}`")]
    [InlineData("`GET /v1/files/…`, `/api/ai/*`, `/api/v1`, `/openai/deployments/{model}/…`")]
    [InlineData("```sh\ncurl -X PUT \"$API/$PROJECT/routes/chat?x=y\"\ncurl $API/$PROJECT/logs/req_…\n```")]
    [InlineData("`POST …/provider-keys/{provider}/test`")]
    public void A_path_that_exists_is_let_through(string text)
    {
        var found = RouteTable.On(new Page("page.md", text)).ToList();

        Assert.NotEmpty(found);
        Assert.All(found, path => Assert.True(_table.Has(path.Method, path.Path), $"{path}"));
    }
}
