using System.Text;

namespace Cencori.Edge.Tests.Docs;

/// <summary>Every link on a documentation page has an existing target, and no page is too long.</summary>
public sealed class PageLinksTests
{
    private const string Index = "docs/README.md";

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading()
    {
        Assert.True(Page.All.Sum(page => page.Links.Count()) > 200);
        Assert.Empty(Page.All.SelectMany(page => Broken(page).Select(link => $"{page.Name}: {link}")));
    }

    [Theory]
    [InlineData("[a](nowhere.md)")]
    [InlineData("[a](../nowhere.md#errors)")]
    [InlineData("[a](wire.md#nowhere)")]
    [InlineData("[a](#nowhere)")]
    [InlineData("![a](pictures/nowhere.png)")]
    [InlineData("[![a](pictures/usage.png)](pictures/nowhere.png)")]
    [InlineData("[a](../README.md#documentation-1)")]
    [InlineData("[a](../../README.md)")]
    public void A_broken_link_is_found(string text) => Assert.Single(Broken(new Page("docs/page.md", text)));

    [Theory]
    [InlineData("[a](wire.md#error-codes), [b](../README.md), [c](decisions/yarp-pipeline.md)")]
    [InlineData("[a](providers.md#add-a-provider-yarpjson)")]
    [InlineData("[a](https://example.com/nowhere.md), `[b](nowhere.md)`")]
    [InlineData("[a](#twice-1)\n## Twice\n## Twice")]
    [InlineData("```sh\n# [a](nowhere.md)\n```")]
    public void A_good_link_is_let_through(string text) => Assert.Empty(Broken(new Page("docs/page.md", text)));

    [Fact]
    public void The_index_has_every_page_of_docs()
    {
        var linked = Page.All.Single(page => page.Name == Index).Links.Select(link => "docs/" + link);

        Assert.Empty(Page.All.Select(page => page.Name).Where(name => name.StartsWith("docs/", StringComparison.Ordinal) && name != Index).Except(linked));
    }

    [Fact]
    public void The_README_is_under_9000_bytes_and_every_page_under_32_KB() =>
        Assert.Empty(Page.All.Where(page => Encoding.UTF8.GetByteCount(page.Text) >= (page.Name == "README.md" ? 9_000 : 32 * 1024)).Select(page => page.Name));

    private static IEnumerable<string> Broken(Page page) => page.Links.Where(link => !link.Contains("://", StringComparison.Ordinal) && !Leads(page, link));

    private static bool Leads(Page page, string link)
    {
        var (file, anchor) = link.Split('#') is [var before, var behind] ? (before, behind) : (link, null);
        var path = file.Length == 0 ? page.Name : Path.GetRelativePath(Page.Root, Path.Combine(Page.Root, Path.GetDirectoryName(page.Name)!, file)).Replace('\\', '/');
        var target = path == page.Name ? page : Page.All.FirstOrDefault(other => other.Name == path);
        return !path.StartsWith("..", StringComparison.Ordinal)
            && (target is not null || Path.Exists(Path.Combine(Page.Root, path)))
            && (anchor is null || target?.Anchors.Contains(anchor) == true);
    }
}
