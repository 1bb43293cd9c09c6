using System.Text.Json;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>How programs that write code are pointed at the edge. Each speaks one provider's dialect, and stands here only where the project has that provider.</summary>
internal static class CodingSnippets
{
    private const string Anthropic = "anthropic";
    private const string OpenAI = "openai";

    /// <param name="key">What it is for.</param>
    /// <param name="stored">Credentials of its environment.</param>
    /// <param name="address">Of the edge, without <c>/v1</c>.</param>
    /// <param name="secret">The key itself, or what stands in its place.</param>
    /// <param name="model">Of the other samples.</param>
    /// <param name="models">Who serves what.</param>
    public static IEnumerable<Snippet> Of(ApiKeyView key, List<ProviderKeyView> stored, string address, string secret, string model, ModelTable models)
    {
        if (key.KeyType != KeyType.Secret)
        {
            yield break;
        }

        if (Has(stored, Anthropic) && key.AllowedModels?.Exists(allowed => allowed.StartsWith("claude", StringComparison.Ordinal)) != false)
        {
            yield return new("Claude Code", $$"""
                # In the shell that runs it. Its base URL is without /v1.
                export ANTHROPIC_BASE_URL="{{address}}"
                export ANTHROPIC_AUTH_TOKEN="{{secret}}"
                unset ANTHROPIC_API_KEY
                claude
                """);
        }

        var isServed = models.Find(model).Any(provider => provider.Id == OpenAI);
        if (Has(stored, OpenAI) && (isServed || key.AllowedModels is null))
        {
            yield return new("Codex", $$"""
                # ~/.codex/config.toml
                model = {{JsonSerializer.Serialize(isServed ? model : SnippetBuilder.Usual)}}
                model_provider = "cencori"

                [model_providers.cencori]
                name = "Cencori.Edge"
                base_url = "{{address}}/v1"
                env_key = "CENCORI_API_KEY"
                wire_api = "responses"

                # In the shell that runs it:
                # export CENCORI_API_KEY="{{secret}}"
                """);
        }
    }

    private static bool Has(List<ProviderKeyView> stored, string provider) => stored.Exists(one => one.Provider == provider);
}
