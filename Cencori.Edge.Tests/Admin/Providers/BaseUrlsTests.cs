using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Providers.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Admin.Providers;

/// <summary>Base URLs in the various forms in which users copy them.</summary>
public class BaseUrlsTests
{
    private const string Azure = "https://res.openai.azure.com";

    [Theory]
    [InlineData("https://eu.example.com/v1/", "https://eu.example.com/v1")]
    [InlineData("https://eu.example.com", "https://eu.example.com")]
    [InlineData("http://eu.example.com:81/v1?", "http://eu.example.com:81/v1")]
    [InlineData("https://eu.example.com/v1/chat/completions", "https://eu.example.com/v1")]
    [InlineData(Azure + "/openai/v1/", Azure + "/openai/v1")]
    [InlineData(Azure + "/openai/v1?api-version=preview", Azure + "/openai/v1?api-version=preview")]
    [InlineData(Azure + "/?api-version=preview", Azure + "/openai/v1?api-version=preview")]
    [InlineData(Azure + "/openai/deployments/gpt-4o?api-version=2024-10-21", Azure + "/openai/deployments/gpt-4o?api-version=2024-10-21")]
    [InlineData(Azure + "/openai/deployments/gpt-4o/?api-version=2024-10-21", Azure + "/openai/deployments/gpt-4o?api-version=2024-10-21")]
    [InlineData(Azure + "/openai/deployments/gpt-4o/chat/completions?api-version=2025-01-01-preview", Azure + "/openai/deployments/gpt-4o?api-version=2025-01-01-preview")]
    [InlineData(Azure + "/openai/deployments/e/embeddings?API-Version=2023-05-15&", Azure + "/openai/deployments/e?api-version=2023-05-15")]
    public void A_copied_URL_is_normalized(string text, string stored) => Assert.Equal(stored, BaseUrls.Read(text, out _));

    [Theory]
    [InlineData(Azure + "?api-version=2024-10-21", "/openai/deployments/<deployment>")]
    [InlineData(Azure + "/openai/?api-version=2024-10-21", "/openai/deployments/<deployment>")]
    [InlineData(Azure + "/openai/responses?api-version=2025-04-01-preview", "/openai/v1")]
    [InlineData(Azure + "/openai/v1?api-version=", "api-version")]
    [InlineData(Azure + "/openai/v1?api-version=a&api-version=b", "api-version")]
    [InlineData(Azure + "/openai/v1?api-version=a&key=recognisable", "Put a key into the credential, not into the URL")]
    [InlineData("https://example.com?code=recognisable", "Put a key into the credential, not into the URL")]
    [InlineData("https://u:recognisable@example.com", "without user")]
    [InlineData("ftp://example.com", "http or https")]
    [InlineData("https://example.com#x", "fragment")]
    public void An_invalid_URL_is_refused_with_a_hint(string text, string reported)
    {
        Assert.Null(BaseUrls.Read(text, out var fault));
        Assert.Contains(reported, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("recognisable", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "?a=1", "?a=1")]
    [InlineData(null, "", "")]
    [InlineData("api-version=1", "", "?api-version=1")]
    [InlineData("api-version=1", "?a=%20&b", "?api-version=1&a=%20&b")]
    [InlineData("api-version=1", "?api-version=2&a=1&API%2DVersion=3", "?api-version=1&a=1")]
    public void The_projects_api_version_replaces_the_callers(string? own, string callers, string sent) =>
        Assert.Equal(sent, ProviderRequestTransform.Join(own, new QueryString(callers)).Value ?? "");
}
